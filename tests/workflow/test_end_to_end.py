"""The tiny study: every file is there, and only what must is made again."""

import json
import os
import re
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load

from taceflow.dlopctr.dataset import load_images
from taceflow.dlopctr.fits.predict import predicted_curves
from taceflow.dlopctr.head.fitted_head import load_heads
from taceflow.files.archive import read_bundle
from taceflow.files.tables import read_table
from taceflow.study.figures import FIGURE_FILES, FIGURES
from taceflow.study.patient_jobs import PATIENT_FILES
from taceflow.study.tables import TABLES
from taceflow.study.targets import OF_PATIENTS
from taceflow.survival.regression.design import encode, term_from_json

pytestmark = pytest.mark.timeout(1500)

BUCKETS = 4
"""In which the thirty patients are."""


def touch(path):
    now = time.time()
    os.utime(path, (now, now))


def read(tiny, name):
    path = tiny.results / name
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, sep="\t", dtype={"patient_id": str})


@pytest.fixture
def included(tiny):
    return read(tiny, "cohort/patients.tsv").set_index("patient_id")["cohort"]


def test_a_run_leaves_every_file_of_the_interface(tiny, included):
    names = [f"cohort/{name}.tsv" for name in ("patients", "exclusions", "acquisition", "quality")]
    names += ["qc/contact_sheet/page_01.png", "qc/index.html", "cohort/reviewed.tsv"]
    for patient in included.index:
        names += [
            f"volumes/{patient}/ct.nii.gz",
            f"volumes/{patient}/mask_reader1-1.nii.gz",
            f"resampled/{patient}/ct.nii.gz",
            f"resampled/{patient}/mask_reader1-1.nii.gz",
            f"qc/{patient}.png",
            f"qc/{patient}.json",
            f"qc/thumbnails/{patient}.png",
            f"qc/slices/{patient}.js",
            f"patches/{patient}.nii.gz",
            f"dlopctr/embeddings/{patient}.npz",
        ]
    names += [f"radiomics/{name}.parquet" for name in ("reader1-1", "reader1-2", "reader2-1")]
    names += ["radiomics/icc.tsv"]
    names += [f"radscore/{name}" for name in ("path.tsv", "cv.tsv", "folds.tsv", "model.json")]
    names += [f"radscore/{name}.tsv" for name in ("scores", "selection_frequency", "resamples")]
    names += [
        f"dlopctr/{name}"
        for name in (
            "breaks.json",
            "embeddings.parquet",
            "history.tsv",
            "model.safetensors",
            "pre_experiment.tsv",
            "predictions.tsv",
            "predictions_by_seed.tsv",
            "attention.tsv",
        )
    ]
    names += [
        f"survival/{name}.tsv"
        for name in ("predictions", "performance", "comparisons", "optimism", "delong")
    ]
    names += [f"model/{name}" for name in ("ranges.tsv", "card.md", "card.html", "bundle.zip")]
    for table in TABLES:
        names += [f"tables/{table}.{kind}" for kind in ("tsv", "html", "docx")]
    names += [f"figures/{name}.{kind}" for name in FIGURE_FILES for kind in ("svg", "pdf", "png")]
    names += ["provenance.json", "report.html"]
    made = tiny.made()
    assert [name for name in names if name not in made] == []
    assert [name for name in names if (tiny.results / name).stat().st_size == 0] == []


def test_three_patients_are_excluded_for_their_reasons(tiny, included):
    excluded = read(tiny, "cohort/exclusions.tsv")
    reasons = dict(zip(excluded["stage"], excluded["reason"], strict=True))
    assert len(included) + len(excluded) == 30
    assert set(reasons) == {"imaging", "segmentation", "follow-up"}
    assert reasons["imaging"].startswith("no series is the arterial phase")
    assert reasons["segmentation"] == "the mask is empty"
    made = tiny.made()
    for patient in excluded["patient_id"]:
        assert not any(name.startswith(f"resampled/{patient}/") for name in made)
        assert patient not in read(tiny, "radiomics/reader1-1.parquet")["patient_id"].tolist()


def test_no_patient_crosses_a_split(tiny, included):
    training = set(included.index[included == "training"])
    validation = set(included.index[included == "validation"])
    assert training
    assert validation
    assert not training & validation
    folds = read(tiny, "radscore/folds.tsv")
    assert set(folds["patient_id"]) == training
    assert not folds["patient_id"].duplicated().any()
    splits = read(tiny, "dlopctr/splits.tsv")
    assert set(splits["patient_id"]) == training
    assert not splits["patient_id"].duplicated().any()
    for name in ("radscore/scores.tsv", "dlopctr/predictions.tsv"):
        scores = read(tiny, name).set_index("patient_id")["cohort"]
        assert scores.to_dict() == included.to_dict()
    predictions = read(tiny, "dlopctr/predictions.tsv").set_index("patient_id")
    assert set(predictions.index[predictions["out_of_fold"] == 1]) == training


def test_a_second_run_does_nothing(tiny):
    assert "Nothing to be done" in tiny.snakemake("-n").output
    assert tiny.rebuild() == set()


def test_touching_a_slice_reruns_that_patient(tiny, included):
    patient = included.index[5]
    slices = tiny.results / "synthetic" / "images" / patient / "ct"
    touch(sorted(slices.iterdir())[3])
    rebuilt = tiny.rebuild()
    # a slice with another time holds the same voxels: what is made of these stays
    assert {name for name in rebuilt if name.startswith(f"volumes/{patient}/")} == {
        name for name in tiny.made() if name.startswith(f"volumes/{patient}/")
    }
    others = [name for name in rebuilt if re.search(r"HCC-\d+", name) and patient not in name]
    assert others == []
    assert not [name for name in rebuilt if name.startswith(("resampled/", "qc/HCC", "patches/"))]
    # the cohort's tables are written again, and Snakemake plans what follows before it sees them
    assert "radscore/model.json" in rebuilt
    assert "Nothing to be done" in tiny.snakemake("-n").output


def test_a_changed_slice_changes_that_patient_and_what_is_made_of_all(tiny, included):
    import pydicom
    import SimpleITK as sitk

    patient = included.index[5]
    mask = sitk.ReadImage(str(tiny.results / "volumes" / patient / "mask_reader1-1.nii.gz"))
    largest = int(sitk.GetArrayViewFromImage(mask).sum(axis=(1, 2)).argmax())
    folder = tiny.results / "synthetic" / "images" / patient / "ct"
    heights = {
        pydicom.dcmread(file, stop_before_pixels=True).ImagePositionPatient[2]: file
        for file in folder.iterdir()
    }
    file = heights[sorted(heights)[largest]]
    content, facts = file.read_bytes(), file.stat()
    header = pydicom.dcmread(file)
    header.PixelData = (header.pixel_array + 7).tobytes()
    header.save_as(file)
    features = ("results/tiny/radiomics/reader1-1.parquet", "results/tiny/cohort/quality.tsv")
    rebuilt = tiny.rebuild(*features)
    own = [
        pattern.format(patient=patient) for name in OF_PATIENTS for pattern in PATIENT_FILES[name]
    ]
    own.remove(f"private/candidates/{patient}.json")
    for not_asked_for in (f"patches/{patient}.nii.gz", f"dlopctr/embeddings/{patient}.npz"):
        own.remove(not_asked_for)
    assert [name for name in own if not any(each.startswith(name) for each in rebuilt)] == []
    others = [name for name in rebuilt if re.search(r"HCC-\d+", name) and patient not in name]
    assert others == []
    due = tiny.snakemake("-n").planned
    assert due["patch"] == due["radscore_fit"] == 1
    file.write_bytes(content)
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    tiny.snakemake(*features)
    tiny.snakemake()  # the report shows the contact sheet, a folder, whose time alone counts
    assert "Nothing to be done" in tiny.snakemake("-n").output


def test_what_is_deleted_of_a_finished_run_is_made_again(tiny, included, tmp_path):
    patient = included.index[3]
    before = {f"volumes/{patient}": "import_patient", "cohort/series.tsv": "cohort"}
    # what comes after the checkpoint is planned only while the checkpoint stands
    after = {
        "radscore/model.json": "radscore_fit",
        "radscore/resamples.tsv": "selection_frequency",
        "dlopctr/model.safetensors": "train_head",
        "dlopctr/combin.json": "train_combin",
        "survival/models.json": "survival_models",
        f"resampled/{patient}": "resample",
        f"patches/{patient}.nii.gz": "patch",
        f"dlopctr/embeddings/{patient}.npz": "embed",
        f"qc/{patient}.json": "quality_picture",
        f"radiomics/patients/{patient}.tsv.gz": "extract_features",
    }
    for gone in (before, after):
        for name in gone:
            kept = tmp_path / name
            kept.parent.mkdir(parents=True, exist_ok=True)
            (tiny.results / name).rename(kept)
        due = tiny.snakemake("-n").planned
        for name in gone:
            (tmp_path / name).rename(tiny.results / name)
        assert set(gone.values()) <= set(due)
        # of the stages that make files of patients, the jobs of that patient's bucket alone
        assert {due[name] for name in set(gone.values()) & set(PATIENT_FILES)} == {1}
    assert "Nothing to be done" in tiny.snakemake("-n").output


def test_a_new_lasso_seed_leaves_imaging_radiomics_and_network_alone(tiny):
    (tiny.folder / "seed.yaml").write_text("radscore: {seed: 99}\n")
    with_seed = replace(tiny, options=(*tiny.options, "seed.yaml"))
    due = with_seed.snakemake("-n").planned
    assert {"radscore_folds", "radscore_fit", "radscore_scores", "survival_models"} <= set(due)
    alone = {
        *("synthetic_patient", "import_patient", "cohort", "resample", "quality_picture", "patch"),
        "contact_sheet",
        *("extract_features", "collect_features", "feature_reproducibility"),
        *("dlopctr_backbone", "embed", "collect_embeddings", "time_intervals", "dlopctr_splits"),
        *("pre_experiment", "train_head", "predict_dlopctr", "train_combin"),
    }
    assert alone & set(due) == set()


def test_a_readers_verdict_makes_no_image_again(tiny, included):
    def due(*rows):
        table = "\n".join(["patient_id\tverdict\treason", *rows, ""])
        (tiny.folder / "review.tsv").write_text(table)
        (tiny.folder / "review.yaml").write_text("tables: {review: review.tsv}\n")
        reviewed = replace(tiny, options=(*tiny.options, "review.yaml"))
        return set(reviewed.snakemake("-n").planned)

    kept = [f"{patient}\tkeep\t" for patient in included.index]
    of_all = due(*kept)
    assert "review_page" in of_all
    # what has the configuration itself is made again, since the table's path is new in it
    fitted = {"cohort", "patients", "contact_sheet", "figure_s1", "radscore_fit", "train_head"}
    assert not {*PATIENT_FILES, *fitted, "survival_models"} & of_all
    left_out = due(*kept[1:], f"{included.index[0]}\texclude\tno tumour")
    assert {"cohort", "review_page"} <= left_out
    assert not {*PATIENT_FILES} & left_out


@pytest.fixture
def edited(tiny):
    """Append a comment to a module of the package for the length of a test."""
    originals = {}

    def edit(name):
        module = tiny.folder / "src" / "taceflow" / name
        originals[module] = (module.read_text(), module.stat())
        module.write_text(module.read_text() + "\n# an edit\n")

    yield edit
    for module, (text, facts) in originals.items():
        module.write_text(text)
        os.utime(module, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def test_an_edit_of_a_module_reruns_the_rules_that_use_it(tiny, edited, included):
    edited("imaging/quality/picture.py")
    due = tiny.snakemake("-n").planned
    assert due.pop("quality_picture") == BUCKETS
    # the table of quality control says what the training patients' masks were like
    of_model = {"training_ranges", "model_card", "final_heads", "model_bundle"}
    pages = {"contact_sheet", "review_page"}
    assert set(due) == {*pages, "provenance", "report", "all"} | of_model


def test_an_edit_of_the_resampler_reruns_what_depends_on_it(tiny, edited):
    edited("imaging/resample.py")
    due = tiny.snakemake("-n").planned
    assert due["resample"] == due["patch"] == due["extract_features"] == BUCKETS
    assert not {"synthetic_patient", "import_patient", "cohort", "quality_picture"} & set(due)


def test_an_edit_of_a_figure_reruns_that_figure(tiny, edited):
    edited("figures/forest.py")
    due = tiny.snakemake("-n").planned
    assert due == {"figure_forest": 1, "provenance": 1, "report": 1, "all": 1}
    one = tiny.snakemake("-n", "results/tiny/figures/forest.pdf").planned
    assert one == {"figure_forest": 1}


FITTED = (
    "radiomics/icc.tsv",
    "radscore/folds.tsv",
    "radscore/path.tsv",
    "radscore/cv.tsv",
    "radscore/selection_frequency.tsv",
    "radscore/model.json",
    "dlopctr/breaks.json",
    "dlopctr/splits.tsv",
    "dlopctr/pre_experiment.tsv",
    "dlopctr/history.tsv",
    "dlopctr/model.safetensors",
    "dlopctr/model.json",
    "survival/models.json",
    "tables/table_s1.tsv",
    "tables/table_s2.tsv",
)


def test_shuffled_validation_labels_change_nothing_that_is_fitted(tiny):
    before = {name: (tiny.results / name).read_bytes() for name in FITTED}
    performance = read(tiny, "survival/performance.tsv")
    sheet = tiny.results / "synthetic" / "patients.tsv"
    original = sheet.read_text()
    table = pd.read_csv(sheet, sep="\t", dtype=str)
    rows = table.index[(table["cohort"] == "validation") & table["time_months"].notna()]
    labels = ["time_months", "event"]
    table.loc[rows, labels] = table.loc[rows[::-1], labels].to_numpy()
    table.to_csv(sheet, sep="\t", index=False)
    rebuilt = tiny.rebuild()
    assert "survival/performance.tsv" in rebuilt
    changed = read(tiny, "survival/performance.tsv")
    assert not changed.equals(performance)
    training = [frame[frame["cohort"] == "training"] for frame in (performance, changed)]
    pd.testing.assert_frame_equal(*training)
    after = {name: (tiny.results / name).read_bytes() for name in FITTED}
    assert [name for name in FITTED if after[name] != before[name]] == []
    sheet.write_text(original)
    tiny.rebuild()


def test_no_identifier_of_the_header_is_written(tiny):
    """Names and ids of the DICOM headers stand in no log, table or report."""
    import pydicom

    planted = set()
    for folder in (tiny.results / "synthetic" / "images").iterdir():
        header = pydicom.dcmread(next((folder / "ct").iterdir()), stop_before_pixels=True)
        planted |= {str(header.PatientName), str(header.PatientID), str(header.PatientBirthDate)}
        # Free text, in which hospitals write names.
        planted |= {str(header.SeriesDescription), str(header.StudyInstanceUID)}
    planted = {text.encode() for text in planted if len(text) > 3}
    assert len(planted) > 30
    written = [
        file
        for file in tiny.results.rglob("*")
        if file.is_file() and "synthetic" not in file.relative_to(tiny.results).parts[:2]
    ]
    assert len(written) > 300
    # descriptions stand there for whoever has to choose, less the names in the header
    private = [file for file in written if file.is_relative_to(tiny.results / "private")]
    assert private
    written = [file for file in written if file not in private]
    for file in written:
        content = file.read_bytes()
        assert not any(text in content for text in planted), file.name


def test_the_model_leaves_without_its_patients(tiny, assert_nobody_in):
    bundle = read_bundle(tiny.results / "model" / "bundle.zip")
    assert bundle == read_bundle(tiny.results / "model" / "bundle")
    assert_nobody_in(bundle, tiny)
    images = read(tiny, "dlopctr/embeddings.parquet").drop(columns=["patient_id", "slice", "view"])
    theirs = images.to_numpy(dtype=np.float32).ravel()
    for network in ("dlopctr", "dlop_combin"):
        tensors = load(bundle[f"{network}.safetensors"])
        assert {name.split(".")[1] for name in tensors} == {"final"}
        for values in tensors.values():
            kept = values.astype(np.float32).ravel()
            # an output of a rectifier may be 0, as may a weight
            assert not np.isin(kept[kept != 0], theirs).any()


def test_the_bundle_predicts_what_the_run_did(tiny, assert_same_predictions, tmp_path):
    predicted = read_table(tiny.results / "dlopctr" / "predictions.tsv")
    scores = predicted.set_index("patient_id")["dlopctr"]
    assert_same_predictions(tiny, [12, 36, 60], scores)
    bundle = read_bundle(tiny.results / "model" / "bundle.zip")
    held_out = read(tiny, "cohort/patients.tsv").query("cohort == 'validation'")
    for network, table in (("dlopctr", "predictions"), ("dlop_combin", "combin")):
        described = json.loads(bundle[f"{network}.json"])
        (tmp_path / network).write_bytes(bundle[f"{network}.safetensors"])
        heads = load_heads(str(tmp_path / network), intervals=len(described["breaks_months"]) - 1)
        embeddings = str(tiny.results / "dlopctr" / "embeddings.parquet")
        cohort = held_out.reset_index(drop=True)
        if "terms" in described:
            design = encode(cohort, [term_from_json(term) for term in described["terms"]])
            cohort = cohort[design.notna().all(axis=1)].reset_index(drop=True)
        images = load_images(embeddings, cohort, standardise=described["settings"]["standardise"])
        if "terms" in described:
            design = design.dropna().to_numpy(dtype=float)
            width = next(iter(heads.values())).weight.shape[1] - images.vectors.shape[2]
            zeros = np.zeros((len(design), width - design.shape[1]))
            images = images.with_columns(np.hstack([design, zeros]))
        nobodys_fold = np.zeros(len(cohort), dtype=int)
        curves = predicted_curves(heads, [images], nobodys_fold).mean(axis=0)
        expected = read(tiny, f"dlopctr/{table}.tsv").set_index("patient_id")
        expected = expected.loc[cohort["patient_id"]].filter(like="survival_at_").to_numpy()
        assert len(expected) > 3
        np.testing.assert_allclose(curves, expected, rtol=1e-12)


def test_provenance_says_what_ran(tiny):
    content = json.loads((tiny.results / "provenance.json").read_text())
    assert len(content) > 3
    assert str(tiny.folder) not in json.dumps(content)


def test_snakemakes_own_report_names_each_figure_and_table(tiny, tmp_path):
    tiny.snakemake("--report", str(tmp_path / "all.html"))
    page = (tmp_path / "all.html").read_text(encoding="utf-8")
    named = [figure.shown["labels"]["figure"] for figure in FIGURES.values()]
    named += [table.title for table in TABLES.values()]
    assert [name for name in named if f'"{name}"' not in page] == []
    assert "at high risk by dlop_cox. The cut-off comes from the training patients" in page
