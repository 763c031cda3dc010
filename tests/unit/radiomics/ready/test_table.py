"""A table of features made elsewhere: three forms of it, R's names, and what is refused."""

import logging

import numpy as np
import pandas as pd
import pytest
import yaml

from taceflow.cohort.sheets import read_cohort_tables, sheet_exclusions
from taceflow.errors import ConfigurationError, InputError
from taceflow.radiomics.names import feature_name, r_name
from taceflow.radiomics.panel import read_panel
from taceflow.radiomics.ready.table import read_ready_table, write_ready_features
from taceflow.radscore.published import COEFFICIENTS
from taceflow.study.plan import plan_study

IDS = ["001", "002", "003"]
NAMES = [*COEFFICIENTS, "original_shape_Elongation", "log-sigma-0-5-mm-3D_glcm_Imc1"]
VALUES = np.random.default_rng(1).normal(size=(len(IDS), len(NAMES)))


@pytest.fixture
def from_r(plain):
    """R's form: dots, and clinical columns among the features."""
    table = plain.rename(columns=r_name).rename(columns={"patient_id": "ID"})
    return table.assign(age=[61, 62, 63], sex="male")


@pytest.mark.parametrize("suffix", ["csv", "tsv", "xlsx", "parquet"])
@pytest.mark.parametrize(
    ("form", "keys", "no_features"),
    [
        ("plain", {}, 0),
        ("pyradiomics", {"id_column": "Image", "id_pattern": r"(?<=HCC_)\d{3}"}, 3),
        ("from_r", {"id_column": "ID"}, 2),
    ],
)
def test_three_forms_give_one_table(request, tmp_path, suffix, form, keys, no_features, write):
    path = write(request.getfixturevalue(form), tmp_path / f"features.{suffix}")
    ready = read_ready_table(path, IDS, needed=COEFFICIENTS, **keys)
    assert ready.features.index.tolist() == IDS
    assert ready.features.columns.tolist() == NAMES
    np.testing.assert_allclose(ready.features, VALUES, rtol=1e-15)
    assert len(ready.no_features) == no_features


def test_the_names_of_both_panels_go_to_r_and_back(root):
    names = read_panel(root / "config" / "radiomics.yaml").columns
    assert len(names) == 713
    every = full_names(names)
    assert len(every) == 1223
    for name in {*names, *every}:
        assert feature_name(r_name(name)) == name
        assert feature_name(name) == name
    assert len({r_name(name) for name in every}) == 1223


def full_names(names):
    """The 93 features of the original image on 13 images, and shape: 14 + 13 x 93."""
    original = [name.removeprefix("original") for name in names if name.startswith("original_")]
    bands = ("LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL")
    images = ["log-sigma-2-0-mm-3D", "log-sigma-4-0-mm-3D", "square", "gradient"]
    images += [f"wavelet-{band}" for band in bands]
    derived = [name for name in original if not name.startswith("_shape_")]
    return [f"original{name}" for name in original] + [
        f"{image}{name}" for image in images for name in derived
    ]


@pytest.mark.parametrize(
    "name",
    ["lbp-3D-m1_glcm_Id", "lbp-3D-k_glcm_Id", "lbp-2D_glcm_Id", "wavelet2-LH_glcm_Id"],
)
def test_images_that_this_workflow_does_not_make_are_known(name):
    assert feature_name(r_name(name)) == name


@pytest.mark.parametrize(
    "column",
    [
        *("Image", "Mask", "diagnostics_Image-original_Mean", "age", "arterial_original_glcm_Id"),
        *("original_glcm_Id_x", "original_glcm", "radscore_firstorder_Mean", ""),
    ],
)
def test_what_is_no_feature(column):
    assert feature_name(column) is None


def test_strangers_and_failed_cases_are_counted(plain, tmp_path, write):
    # The command line leaves a row without values where it failed, and appends when run again.
    failed = plain.copy()
    failed.loc[failed["patient_id"] != "002", NAMES] = np.nan
    again = plain[plain["patient_id"] == "001"]
    stranger = plain.head(1).assign(patient_id="999")
    path = write(pd.concat([failed, again, stranger, stranger]), tmp_path / "features.csv")
    ready = read_ready_table(path, IDS)
    assert ready.features.index.tolist() == ["002", "001"]
    assert (ready.strangers, ready.blank) == (2, 2)


def test_a_missing_file_and_an_unknown_form(tmp_path):
    with pytest.raises(InputError, match=r"does not exist \[nowhere.csv\]"):
        read_ready_table("nowhere.csv", IDS)
    with pytest.raises(InputError, match=r"'\.rds'.*Save it as \.xlsx"):
        read_ready_table("table.rds", IDS)


def test_rows_appended_by_a_second_extraction_count_once(plain, tmp_path, write):
    path = write(pd.concat([plain, plain.head(2)]), tmp_path / "features.csv")
    ready = read_ready_table(path, IDS)
    assert ready.features.index.tolist() == IDS
    assert ready.repeated == 2


def test_the_published_radscore_names_what_it_lacks(plain, tmp_path, refused):
    gone = ["gradient_glszm_ZoneEntropy", "square_firstorder_Variance"]
    message = str(refused(plain.drop(columns=gone), tmp_path / "features.csv", needed=COEFFICIENTS))
    assert f"{', '.join(gone)} are missing" in message
    assert "radscore.family" in message


def test_the_included_patients_features_are_written_and_the_rest_is_logged(
    pyradiomics, tmp_path, caplog, write
):
    cohort = pd.DataFrame({"patient_id": ["003", "001"]})
    with caplog.at_level(logging.INFO):
        write_ready_features(
            source={
                "path": write(pyradiomics, tmp_path / "features.csv"),
                "id_column": "Image",
                "id_pattern": r"(?<=HCC_)\d{3}",
            },
            patients=write(cohort, tmp_path / "patients.tsv"),
            sheet=["001", "003"],
            features=str(tmp_path / "out.parquet"),
        )
    written = pd.read_parquet(tmp_path / "out.parquet")
    assert written.columns.tolist() == ["patient_id", *NAMES]
    assert written["patient_id"].tolist() == ["001", "003"]
    np.testing.assert_array_equal(written[NAMES], VALUES[[0, 2]])
    assert "columns that are no features: 3 (Mask, diagnostics_Image-orig" in caplog.text
    assert "rows of patients who are not in the sheet: 1" in caplog.text


@pytest.fixture
def config(root, plain, tmp_path, write):
    """The default configuration with a sheet of four patients and a ready table of three."""
    sheet = pd.DataFrame({"patient_id": [*IDS, "004"], "time_months": 3.0, "event": 1})
    sheet.loc[0, "event"] = np.nan
    content = yaml.safe_load((root / "config" / "config.yaml").read_text())
    content["radiomics"]["panel"] = str(root / "config" / "radiomics.yaml")
    return content | {
        "tables": {
            "features": write(plain, tmp_path / "features.csv"),
            "patients": write(sheet, tmp_path / "patients.tsv"),
        }
    }


def test_the_plan_asks_for_no_image(config):
    plan = plan_study(config)
    assert not plan.has_images
    assert plan.to_import == ()
    assert plan.index.readings == ("reader1-1",)
    assert plan.featured == IDS
    assert plan.table_paths == {"patients": config["tables"]["patients"]}
    tables = read_cohort_tables(config["tables"]["patients"])
    excluded = sheet_exclusions(tables, "arterial", featured=plan.featured)
    assert {patient: answer[:2] for patient, answer in excluded.items()} == {
        "001": ("follow-up", "survival time or event is missing"),
        "004": ("features", "no values in the table of features"),
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tables": {"scans": "scans.tsv"}}, "replaces 'tables.scans'"),
        ({"tables": {"segmentations": "masks.tsv"}}, "replaces 'tables.segmentations'"),
        ({"archive": {"root": "."}}, "replaces 'archive'"),
        ({"tables": {"features_id_pattern": "("}}, "features_id_pattern|fits none"),
    ],
)
def test_two_sources_of_features_are_refused(config, changes, message):
    tables = config["tables"] | changes.pop("tables", {})
    with pytest.raises(ConfigurationError, match=message):
        plan_study(config | changes | {"tables": tables})


def test_the_plan_checks_the_published_features(config, plain, tmp_path, write):
    write(plain.drop(columns="gradient_glszm_ZoneEntropy"), tmp_path / "features.csv")
    plan_study(config)
    config["radscore"]["family"] = "published"
    with pytest.raises(InputError, match="gradient_glszm_ZoneEntropy are missing"):
        plan_study(config)


def test_perturbed_masks_need_images(config):
    asked = {"patients": 10, "count": 5, "seed": 1, "contour_mm": 1.0, "correlation_mm": 5.0}
    asked |= {"volume_fraction": 0.1, "translation_mm": 0.5}
    config["radiomics"] = config["radiomics"] | {"perturbations": asked}
    with pytest.raises(ConfigurationError, match=r"radiomics\.perturbations.*needs images"):
        plan_study(config)
