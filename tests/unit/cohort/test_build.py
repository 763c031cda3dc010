"""The cohort: split, exclusions."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from taceflow.cohort.build import assign_cohorts, build_cohort, write_patients
from taceflow.cohort.ownership import shared_images
from taceflow.cohort.sheets import check_files, check_references, read_cohort_tables
from taceflow.errors import CohortTooSmallError, ConfigurationError, DamagedFileError, InputError
from taceflow.files.tables import read_json, read_table, write_json
from taceflow.study.fingerprint import fingerprint
from taceflow.study.plan import plan_study


def test_the_split_belongs_to_the_patient():
    ids = [f"P{number}" for number in range(2000)]
    whole = assign_cohorts(pd.DataFrame({"patient_id": ids}), seed=1, fraction=0.3)
    some = assign_cohorts(pd.DataFrame({"patient_id": ids[500:700]}), seed=1, fraction=0.3)
    assert some["cohort"].tolist() == whole["cohort"].tolist()[500:700]
    assert (whole["cohort"] == "validation").mean() == pytest.approx(0.3, abs=0.03)
    other = assign_cohorts(pd.DataFrame({"patient_id": ids}), seed=2, fraction=0.3)
    assert (other["cohort"] != whole["cohort"]).mean() > 0.3


def test_a_given_cohort_is_kept():
    table = pd.DataFrame({"patient_id": ["A", "B"], "cohort": ["external", None]})
    assert assign_cohorts(table, seed=1, fraction=0.0)["cohort"].tolist() == [
        "external",
        "training",
    ]


@pytest.fixture
def study(tmp_path):
    """Five patients: one each without follow-up, without scan, and excluded by the import."""
    sheet = pd.DataFrame(
        {
            "patient_id": ["A", "B", "C", "D", "E"],
            "time_months": [1.0, None, 3.0, 4.0, 5.0],
            "event": [1, None, 0, 1, 0],
        }
    )
    for patient in "ABCDE":
        (tmp_path / f"{patient}.nii").write_text("")
    scans = pd.DataFrame({"patient_id": ["A", "B", "D", "E"], "phase": "arterial"})
    scans["image"] = [str(tmp_path / f"{patient}.nii") for patient in "ABDE"]
    masks = pd.DataFrame(
        {"patient_id": list("ABCDE"), "phase": "arterial", "reader": 1, "reading": 1}
    ).assign(mask=[str(tmp_path / f"{patient}.nii") for patient in "ABCDE"])
    names = ("patients", "scans", "segmentations")
    for name, table in zip(names, (sheet, scans, masks), strict=True):
        table.to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False)
    volumes = []
    for patient, exclusion in {
        "A": None,
        "D": {"stage": "segmentation", "reason": "the mask is empty", "remedy": "Draw it"},
        "E": None,
    }.items():
        folder = tmp_path / "volumes" / patient
        record = {
            "patient_id": patient,
            "exclusion": exclusion,
            "acquisition": {
                "slice_spacing_mm": 5.0,
                "pixel_spacing_mm": 0.8,
                "rows": 512,
                "columns": 512,
            },
            "choice": {"candidates": 1, "reason": "the file of the table of scans"},
            "readings": [
                {"reader": 1, "reading": 1, "phase": "portal", "voxels": 900, "volume_ml": 0.9}
            ],
        }
        write_json(record, folder / "import.json")
        volumes.append(str(folder))
    return {name: str(tmp_path / f"{name}.tsv") for name in names} | {"volumes": volumes}


def build(study, tmp_path, **changes):
    outputs = {
        name: str(tmp_path / f"out_{name}.tsv")
        for name in ("members", "exclusions", "readings", "acquisition", "series", "candidates")
    }
    settings = {"phase": "arterial", "on_bad_input": "exclude", "split_seed": 1}
    settings |= {"has_archive": False, "listed": []}
    build_cohort(**study, **outputs, **({"validation_fraction": 0.0} | settings | changes))
    return {name: read_table(path) for name, path in outputs.items()}


def test_everyone_is_either_included_or_excluded_with_a_reason(study, tmp_path):
    written = build(study, tmp_path)
    assert written["members"]["patient_id"].tolist() == ["A", "E"]
    assert written["exclusions"].values.tolist() == [
        ["B", "follow-up", "survival time or event is missing", "Fill in time_months and event"],
        [
            *("C", "imaging", "no arterial scan in the table of scans"),
            "Add a row of this phase there",
        ],
        ["D", "segmentation", "the mask is empty", "Draw it"],
    ]
    assert written["readings"]["patient_id"].tolist() == ["A", "E"]
    assert set(written["readings"]["phase"]) == {"portal"}
    assert written["series"]["patient_id"].tolist() == ["A", "D", "E"]


def test_what_an_archive_may_hold_is_no_reason_to_leave_a_patient_out(study, tmp_path):
    archived = study | {"scans": None, "segmentations": None}
    written = build(archived, tmp_path, has_archive=True)
    assert written["exclusions"]["patient_id"].tolist() == ["B", "D"]


@pytest.mark.parametrize(
    ("kind", "stage", "reason"),
    [
        ("scan", "imaging", "another patient has the same scan, voxel for voxel: patient"),
        ("series", "imaging", "another patient has the same series: patient"),
        ("masks", "segmentation", "another patient has the same outline, voxel for voxel: patient"),
    ],
)
def test_two_patients_with_one_scan_or_outline_are_both_excluded(
    study, tmp_path, caplog, kind, stage, reason
):
    for folder in study["volumes"]:
        file = Path(folder) / "import.json"
        record = read_json(file)
        own = record["patient_id"]
        digests = {"scan": [f"s{own}"], "series": [f"u{own}"], "masks": [f"m{own}", "n" + own]}
        shared = "x" if own in "AE" else "y"
        write_json(record | {"digests": digests | {kind: [*digests[kind], shared]}}, file)
    # nobody but the two could be used
    assert build(study, tmp_path)["members"].empty
    for own, other in ("AE", "EA"):
        assert f"patient {own} is excluded ({stage}): {reason} {other}. One of" in caplog.text


def test_a_wrong_scan_is_said_before_a_wrong_outline():
    digests = {"masks": ["m"], "scan": ["s"], "series": []}
    records = [{"patient_id": name, "digests": digests} for name in ("A", "B")]
    assert {stage for stage, _, _ in shared_images(records).values()} == {"imaging"}


def test_a_damaged_record_of_an_import_names_the_folder_to_delete(study, tmp_path):
    folder = Path(study["volumes"][0])
    (folder / "import.json").write_text('{"patient_id": ')
    with pytest.raises(DamagedFileError, match=rf"cut or damaged .*Delete the folder {folder} and"):
        build(study, tmp_path)


def test_fail_stops_at_the_first(study, tmp_path):
    with pytest.raises(InputError, match=r"patient B.*on_bad_input"):
        build(study, tmp_path, on_bad_input="fail")


def test_nobody_left_for_training_is_said_after_the_tables_are_written(study, tmp_path):
    written = build(study, tmp_path, validation_fraction=0.9999999)
    assert len(written["members"]) == 2
    assert len(written["exclusions"]) == 3
    output = str(tmp_path / "patients.tsv")
    names = {"patients": study["patients"], "members": str(tmp_path / "out_members.tsv")}
    with pytest.raises(CohortTooSmallError, match=r"5 in the sheet, 3 excluded.*exclusions\.tsv"):
        write_patients(**names, output=output)
    written = build(study | {"volumes": []}, tmp_path, phase="portal")
    assert written["members"].empty
    assert len(written["exclusions"]) == 5
    with pytest.raises(CohortTooSmallError, match="5 in the sheet, 5 excluded"):
        write_patients(**names, output=output)


@pytest.mark.parametrize("kind", ["tsv", "csv", "xlsx"])
def test_the_included_patients_keep_their_columns_and_get_their_scores(study, tmp_path, kind):
    sheet = read_table(study["patients"]).assign(albumin_g_l=40.0, bilirubin_umol_l=17.1)
    study["patients"] = str(tmp_path / "patients.xlsx")
    sheet.to_excel(study["patients"], index=False)
    build(study, tmp_path)
    output = tmp_path / "patients.tsv"
    members = str(tmp_path / "out_members.tsv")
    brought = str(tmp_path / f"sheet.{kind}")
    if kind == "xlsx":
        sheet.to_excel(brought, index=False)
    else:
        sheet.to_csv(brought, sep="," if kind == "csv" else "\t", index=False)
    write_patients(patients=brought, members=members, output=str(output))
    patients = read_table(output, "patients")
    assert list(patients)[:4] == ["patient_id", "cohort", "time_months", "event"]
    assert patients["patient_id"].tolist() == ["A", "E"]
    assert patients["cohort"].tolist() == ["training", "training"]
    assert patients["albi_score"].tolist() == pytest.approx([-2.5862, -2.5862], abs=1e-4)


def test_the_series_to_choose_from_are_listed(study, tmp_path):
    row = {"phase": "arterial", "chosen": 0, "series_uid": f"uid-{'0' * 16}", "study": 1}
    row |= {"slices": 30, "series_number": 3, "contrast": 1, "description": "Abdomen"}
    listed = tmp_path / "D.json"
    write_json([row, row | {"series_uid": f"uid-{'1' * 16}/2"}], listed)
    candidates = build(study, tmp_path, listed=[str(listed)])["candidates"]
    assert candidates["patient_id"].tolist() == ["D", "D"]
    assert candidates["use"].isna().all()
    assert list(candidates)[:2] == ["patient_id", "use"]


def test_a_missing_file_and_an_unknown_patient_are_named(study, tmp_path):
    names = ("patients", "scans", "segmentations")
    paths = {name: study[name] for name in names}

    def check():
        tables = read_cohort_tables(**paths)
        sources = {name: paths[name] for name in names[1:]}
        check_references(tables, **sources)
        check_files(tables, **sources)

    check()
    scans = read_table(paths["scans"])
    scans.assign(image="nowhere/ct").to_csv(paths["scans"], sep="\t", index=False)
    with pytest.raises(InputError, match="patient A: the image 'nowhere/ct' does not exist"):
        check()
    scans.assign(patient_id="Z").head(1).to_csv(paths["scans"], sep="\t", index=False)
    with pytest.raises(InputError, match="patient Z: is not in the table of patients"):
        check()


@pytest.fixture
def config(root, study):
    content = yaml.safe_load((root / "config" / "config.yaml").read_text())
    content["radiomics"]["panel"] = str(root / "config" / "radiomics.yaml")
    return content | {"tables": {name: study[name] for name in study if name != "volumes"}}


def rewrite(path, change):
    change(read_table(path)).to_csv(path, sep="\t", index=False)


@pytest.mark.parametrize(("table", "column"), [("scans", "image"), ("segmentations", "mask")])
def test_a_brace_in_a_path_is_named_with_its_patient(config, tmp_path, table, column):
    assert plan_study(config).to_import == ("A", "D", "E")
    (tmp_path / "ct{1}").mkdir()

    def name_it(frame):
        return frame.assign(
            **{column: frame[column].where(frame["patient_id"] != "D", f"{tmp_path}/ct{{1}}")}
        )

    rewrite(config["tables"][table], name_it)
    with pytest.raises(InputError, match=rf"patient D: .*ct\{{1\}}.*{table}\.tsv.*Rename"):
        plan_study(config)


def test_a_placeholder_in_a_path_is_named_with_patient_and_row(config):
    rewrite(config["tables"]["scans"], lambda frame: frame.assign(image="<path>/ct"))
    with pytest.raises(InputError, match=r"patient A: .*'<path>'.*scans\.tsv, row 2\]"):
        plan_study(config)


def test_paths_reach_the_rules_in_one_form(config, tmp_path):
    rewrite(
        config["tables"]["scans"],
        lambda frame: frame.assign(
            image=frame["image"].str.replace(f"{tmp_path}/", f"{tmp_path}//./")
        ),
    )
    expected = plan_study(config).index.sources
    assert all(
        "//" not in name and "/./" not in name for names in expected.values() for name in names
    )
    config["tables"] = {
        name: path and path.replace(f"{tmp_path}/", f"{tmp_path}//")
        for name, path in config["tables"].items()
    }
    study = plan_study(config)
    assert study.table_paths["patients"] == f"{tmp_path}/patients.tsv"
    assert study.index.sources == expected


@pytest.mark.parametrize(
    ("section", "key", "place"),
    [
        ("archive", "root", "~/pacs"),
        ("archive", "ids", "nowhere.tsv"),
        ("dlopctr", "backbone", "nowhere.pth"),
    ],
)
def test_a_place_of_the_configuration_that_is_not_there_is_named(config, section, key, place):
    config["archive"] = {"root": "."}
    config[section][key] = place
    with pytest.raises(ConfigurationError, match=rf"'{section}\.{key}': '{place}' does not exist"):
        plan_study(config)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda sheet: sheet.head(0), "no patient.*Write one row"),
        (lambda sheet: sheet.assign(event=np.nan), "both time_months and event.*Fill in"),
        (lambda sheet: sheet.assign(cohort="validation"), "cohort 'training'.*leave the cells"),
        (
            # nobody of the training cohort has follow-up
            lambda sheet: sheet.assign(cohort=["external", "training"] + ["validation"] * 3),
            "cohort 'training'",
        ),
    ],
)
def test_a_sheet_that_leaves_nobody_to_fit_is_refused(config, change, words):
    for name in ("scans", "segmentations"):
        rewrite(config["tables"][name], lambda table: table[table["patient_id"] == "none"])
    rewrite(config["tables"]["patients"], change)
    with pytest.raises(InputError, match=words) as raised:
        plan_study(config)
    assert config["tables"]["patients"] in str(raised.value)


def test_an_empty_cohort_is_drawn_and_may_be_training(config):
    some = ["validation"] * 4 + [None]
    rewrite(config["tables"]["patients"], lambda sheet: sheet.assign(cohort=some))
    assert len(plan_study(config).patients) == 5


def test_the_fingerprint_sees_a_changed_slice_deep_in_a_folder(tmp_path):
    deep = tmp_path / "study" / "series"
    deep.mkdir(parents=True)
    (deep / "1.dcm").write_bytes(b"one")
    before = fingerprint([str(tmp_path)])
    assert fingerprint([str(tmp_path)]) == before
    (deep / "1.dcm").write_bytes(b"two!")
    assert fingerprint([str(tmp_path)]) != before
    assert fingerprint([str(tmp_path), str(tmp_path / "nowhere")]) == ""


def test_the_fingerprint_follows_links(tmp_path):
    """An import is stale when what a link leads to has changed, or is gone."""
    (tmp_path / "disk").mkdir()
    file = tmp_path / "disk" / "1.dcm"
    file.write_bytes(b"one")
    folder = tmp_path / "patient"
    folder.mkdir()
    (folder / "S1").symlink_to(tmp_path / "disk")
    seen = {fingerprint([str(folder)])}
    file.write_bytes(b"two!")
    seen.add(fingerprint([str(folder)]))
    (folder / "2.dcm").symlink_to("nowhere")
    seen.add(fingerprint([str(folder)]))
    file.unlink()
    seen.add(fingerprint([str(folder)]))
    assert len(seen) == 4


def test_a_pipe_is_refused_before_any_job(config, tmp_path):
    os.mkfifo(tmp_path / "pipe.nii")
    for table, column in (("scans", "image"), ("segmentations", "mask")):
        for endless in (str(tmp_path / "pipe.nii"), "/dev/zero"):
            before = read_table(config["tables"][table])
            rewrite(config["tables"][table], lambda frame: frame.assign(**{column: endless}))  # noqa: B023
            with pytest.raises(InputError, match=f"patient A: the {column} .*neither a file nor"):
                plan_study(config)
            before.to_csv(config["tables"][table], sep="\t", index=False)


# Whose scan it is


def of_patient(patient, **values):
    def change(frame):
        changed = frame.reindex(columns=[*dict.fromkeys([*frame, *values])]).astype(object)
        for name, value in values.items():
            changed.loc[frame["patient_id"] == patient, name] = value
        return changed

    return change


@pytest.mark.parametrize(("table", "column"), [("scans", "image"), ("segmentations", "mask")])
@pytest.mark.parametrize("kind", ["path", "dots", "link"])
def test_one_scan_or_mask_for_two_patients_is_an_error(config, tmp_path, table, column, kind):
    (tmp_path / "link.nii").symlink_to("A.nii")
    same = {"path": "A.nii", "dots": f"../{tmp_path.name}/A.nii", "link": "link.nii"}[kind]
    rewrite(config["tables"][table], of_patient("D", **{column: f"{tmp_path}/{same}"}))
    with pytest.raises(InputError, match=r"patient D: the .* is given to patient A too.*belongs"):
        plan_study(config)


def test_one_folder_of_two_patients_is_theirs_if_each_row_names_its_series(config, tmp_path):
    folder = str(tmp_path / "archive")
    Path(folder).mkdir()
    for patient, uid in (("A", "1.2.3"), ("D", "1.2.4")):
        rewrite(config["tables"]["scans"], of_patient(patient, image=folder, series_uid=uid))
    assert set(plan_study(config).to_import) >= {"A", "D"}
    rewrite(config["tables"]["scans"], of_patient("D", series_uid="1.2.3"))
    with pytest.raises(InputError, match=r"patient D: .* given to patient A too"):
        plan_study(config)


def test_a_folder_that_holds_another_patients_scan_is_an_error(config, tmp_path):
    inner = tmp_path / "scans" / "D"
    inner.mkdir(parents=True)
    rewrite(config["tables"]["scans"], of_patient("A", image=str(inner.parent)))
    rewrite(config["tables"]["scans"], of_patient("D", image=str(inner)))
    with pytest.raises(
        InputError, match=r"patient D: the scan .* lies in .*, which is the scan of patient A"
    ):
        plan_study(config)
    # a series that is named is the patient's own, whatever lies beside it
    rewrite(config["tables"]["scans"], of_patient("A", series_uid="1.2.3"))
    assert set(plan_study(config).to_import) >= {"A", "D"}


def test_one_outline_is_no_second_reading_of_itself(config):
    rewrite(
        config["tables"]["segmentations"],
        lambda frame: pd.concat([frame, frame.head(1).assign(reading=2)]),
    )
    with pytest.raises(InputError, match=r"patient A: the mask .* is given for two readings"):
        plan_study(config)
