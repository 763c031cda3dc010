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
from taceflow.radiomics.ready.settings import COLUMN, expected_settings
from taceflow.radiomics.ready.table import read_ready_table, write_ready_features
from taceflow.radscore.published import COEFFICIENTS
from taceflow.study.plan import plan_study

IDS = ["001", "002", "003"]
NAMES = [*COEFFICIENTS, "original_shape_Elongation", "log-sigma-0-5-mm-3D_glcm_Imc1"]
VALUES = np.random.default_rng(1).normal(size=(len(IDS), len(NAMES)))


@pytest.fixture
def plain():
    """The interface's own form: patient_id and PyRadiomics' names."""
    table = pd.DataFrame(VALUES.copy(), columns=NAMES)
    table.insert(0, "patient_id", IDS)
    return table


@pytest.fixture
def pyradiomics(plain):
    """The command line's form, as RadTACE has it: paths for ids, and diagnostics."""
    folder = "D:\\nifti\\HCC-TACE-Seg\\HCC_"
    table = plain.drop(columns="patient_id")
    table.insert(0, "Image", [f"{folder}{name}\\CT (30_11_1999)\\3_CAP.nii.gz" for name in IDS])
    table.insert(1, "Mask", [f"{folder}{name}\\Segmentation.nrrd" for name in IDS])
    table.insert(2, "diagnostics_Image-original_Spacing", "(0.78125, 0.78125, 5.0)")
    table.insert(3, "diagnostics_Mask-original_VoxelNum", 11715)
    return table


@pytest.fixture
def from_r(plain):
    """R's form: dots, and clinical columns among the features."""
    table = plain.rename(columns=r_name).rename(columns={"patient_id": "ID"})
    return table.assign(age=[61, 62, 63], sex="male")


def write(table, path):
    if path.suffix == ".xlsx":
        table.to_excel(path, index=False)
    elif path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_csv(path, sep="\t" if path.suffix == ".tsv" else ",", index=False)
    return str(path)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "xlsx", "parquet"])
@pytest.mark.parametrize(
    ("form", "keys", "no_features"),
    [
        ("plain", {}, 0),
        ("pyradiomics", {"id_column": "Image", "id_pattern": r"(?<=HCC_)\d{3}"}, 3),
        ("from_r", {"id_column": "ID"}, 2),
    ],
)
def test_three_forms_give_one_table(request, tmp_path, suffix, form, keys, no_features):
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


def test_strangers_and_failed_cases_are_counted(plain, tmp_path):
    # The command line leaves a row without values where it failed, and appends when run again.
    failed = plain.copy()
    failed.loc[failed["patient_id"] != "002", NAMES] = np.nan
    again = plain[plain["patient_id"] == "001"]
    stranger = plain.head(1).assign(patient_id="999")
    path = write(pd.concat([failed, again, stranger, stranger]), tmp_path / "features.csv")
    ready = read_ready_table(path, IDS)
    assert ready.features.index.tolist() == ["002", "001"]
    assert (ready.strangers, ready.blank) == (2, 2)


def refused(table, path, **keys):
    with pytest.raises(InputError) as error:
        read_ready_table(write(table, path), IDS, **keys)
    return error.value


def test_a_missing_file_and_an_unknown_form(tmp_path):
    with pytest.raises(InputError, match=r"does not exist \[nowhere.csv\]"):
        read_ready_table("nowhere.csv", IDS)
    with pytest.raises(InputError, match=r"'\.rds'.*Save it as \.xlsx"):
        read_ready_table("table.rds", IDS)


def test_no_column_of_ids(plain, pyradiomics, tmp_path):
    path = tmp_path / "features.csv"
    message = str(refused(pyradiomics, path))
    assert "has no column 'patient_id' (its first are Image, Mask" in message
    assert "tables.features_id" in message
    assert "row 3 of 'patient_id' is empty" in str(
        refused(plain.assign(patient_id=["001", None, "003"]), path)
    )
    keys = {"id_column": "Image", "id_pattern": "HCC-[0-9]+"}
    assert "row 2 of 'Image' matches 'HCC-[0-9]+' nowhere" in str(
        refused(pyradiomics, path, **keys)
    )


def test_ids_of_another_form_are_refused_without_showing_them(pyradiomics, tmp_path):
    message = str(refused(pyradiomics, tmp_path / "features.csv", id_column="Image"))
    assert "none of its 3 rows belongs to a patient of the table of patients" in message
    assert "tables.features_id_pattern" in message
    assert "HCC" not in message


VOLUMES = [3.0, 900.0, 100.0, 50.0]


@pytest.fixture
def lesions(plain):
    """Patient 003 with two lesions, the larger one second; 002 with one."""
    table = pd.concat([plain, plain.tail(1)], ignore_index=True)
    table = table.assign(patient_id=["001", "003", "003", "002"])
    table.loc[:, NAMES] = np.random.default_rng(3).normal(size=(4, len(NAMES)))
    return table


VOLUME_COLUMNS = (
    "original_shape_VoxelVolume",
    "original_shape_MeshVolume",
    "diagnostics_Mask-original_VoxelNum",
    "diagnostics_Mask.original_VoxelNum",
)


@pytest.mark.parametrize("column", VOLUME_COLUMNS)
def test_the_largest_of_several_tumours_is_taken(lesions, tmp_path, column):
    path = write(lesions.assign(**{column: VOLUMES}), tmp_path / "features.csv")
    ready = read_ready_table(path, IDS, tumors="largest")
    assert ready.features.index.tolist() == ["001", "003", "002"]
    np.testing.assert_allclose(ready.features[NAMES], lesions[NAMES].iloc[[0, 1, 3]], rtol=1e-15)
    assert len(ready.notes) == 1
    assert "1 of 3 patients have several rows" in ready.notes[0]
    assert "the row of the largest tumour" in ready.notes[0]


def test_each_tumour_counts_by_its_volume(lesions, tmp_path):
    table = lesions.assign(original_shape_VoxelVolume=VOLUMES)
    ready = read_ready_table(write(table, tmp_path / "features.csv"), IDS, tumors="each")
    expected = 0.9 * lesions.loc[1, NAMES] + 0.1 * lesions.loc[2, NAMES]
    np.testing.assert_allclose(ready.features.loc["003", NAMES], expected.astype(float))
    np.testing.assert_allclose(
        ready.features.loc["002", NAMES], lesions.loc[3, NAMES].astype(float)
    )
    assert "weighted by volume" in ready.notes[0]


def test_two_rows_of_a_patient(lesions, tmp_path):
    error = refused(lesions, tmp_path / "features.csv")
    assert error.patient == "003"
    assert "has more than one row, as have 0 patients more" in str(error)
    assert "imaging.tumors to largest or each" in str(error)


@pytest.mark.parametrize(
    ("volumes", "tumors", "message"),
    [
        (None, "largest", "no column tells the tumours' volumes"),
        (None, "each", "no column tells the tumours' volumes"),
        ([3, 100, 100, 50], "largest", "two largest tumours of 100"),
        ([3, 900, np.nan, 50], "largest", "not all have a volume"),
        ([3, 900, 0, 50], "each", "not all have a volume"),
    ],
)
def test_tumours_that_cannot_be_told(lesions, tmp_path, volumes, tumors, message):
    if volumes is not None:
        lesions["diagnostics_Mask-original_VoxelNum"] = volumes
    error = refused(lesions, tmp_path / "features.csv", tumors=tumors)
    assert error.patient == "003"
    assert message in str(error)


def test_a_failed_extraction_of_the_largest_tumour_is_told(lesions, tmp_path):
    table = lesions.assign(**{"diagnostics_Mask-original_VoxelNum": VOLUMES})
    table.loc[1, NAMES] = np.nan
    error = refused(table, tmp_path / "features.csv", tumors="largest")
    assert error.patient == "003"
    assert "no features of the largest tumour" in str(error)
    ready = read_ready_table(write(table, tmp_path / "features.csv"), IDS, tumors="each")
    np.testing.assert_allclose(
        ready.features.loc["003", NAMES], lesions.loc[2, NAMES].astype(float)
    )


def test_rows_appended_by_a_second_extraction_count_once(plain, tmp_path):
    path = write(pd.concat([plain, plain.head(2)]), tmp_path / "features.csv")
    ready = read_ready_table(path, IDS)
    assert ready.features.index.tolist() == IDS
    assert ready.repeated == 2


@pytest.mark.parametrize(
    ("written", "sheet"),
    [
        (["1", "2", "3"], IDS),
        (["0001", "002", "03"], IDS),
        (["HCC_1", "HCC_02", "HCC_003"], ["HCC_001", "HCC_002", "HCC_3"]),
        (IDS, ["1", "2", "3"]),
        (["1.0", "2.0", "3.0"], IDS),
        (["hcc_1", "HCC_002", "Hcc_3"], ["HCC_001", "HCC_002", "HCC_003"]),
        (["HCC-001", "HCC 2", "hcc3"], ["HCC_001", "HCC_002", "HCC_003"]),
    ],
)
def test_ids_in_another_form_are_found(plain, tmp_path, written, sheet):
    path = write(plain.assign(patient_id=written), tmp_path / "features.csv")
    ready = read_ready_table(path, sheet)
    assert ready.features.index.tolist() == sheet
    assert ready.rewritten == len(set(written) - set(sheet))
    np.testing.assert_allclose(ready.features, VALUES, rtol=1e-15)


@pytest.mark.parametrize(
    ("written", "sheet"),
    [
        (["1", "001", "003"], IDS),
        (["1", "01", "003"], IDS),
        (["1", "2", "3"], [*IDS, "01"]),
    ],
)
def test_zeros_that_could_be_either_patients_are_refused(plain, tmp_path, written, sheet):
    path = write(plain.assign(patient_id=written), tmp_path / "features.csv")
    with pytest.raises(InputError, match=r"but for leading zeros, .*Write the ids alike"):
        read_ready_table(path, sheet)


def test_ids_behind_a_prefix_are_explained_and_not_guessed(plain, tmp_path):
    path = tmp_path / "features.csv"
    message = str(refused(plain.assign(patient_id=[f"HCC_{one}" for one in IDS]), path))
    assert "3 of its ids are ids of the table of patients with characters before them" in message
    assert "tables.features_id_pattern: '[0-9]+$'" in message
    assert "HCC" not in message
    with pytest.raises(InputError, match="3 ids of the table of patients are those of this table"):
        read_ready_table(write(plain, path), [f"HCC_{one}" for one in IDS])
    mixed = write(plain.assign(patient_id=["001", "HCC_002", "HCC_003"]), path)
    assert read_ready_table(mixed, IDS).alike == 2


SETTINGS = "{'minimumROIDimensions': 2, 'normalize': False, 'resampledPixelSpacing': %s, "
SETTINGS += "'interpolator': 'sitkBSpline', 'force2D': False, 'label': 2, 'binWidth': %s}"


def test_other_settings_than_the_panels_are_said(plain, tmp_path):
    panel = {"binWidth": 25, "label": 1, "geometryTolerance": 1e-4}
    expected = expected_settings(panel, [1, 1, 1])

    def notes(spacing, width):
        table = plain.assign(**{COLUMN: SETTINGS % (spacing, width)})
        path = write(table, tmp_path / "features.csv")
        return read_ready_table(path, IDS, expected=expected).notes

    assert notes("[1, 1, 1]", "25") == ()
    told = "binWidth 18 instead of 25, resampledPixelSpacing [1.075, 1.075, 0] instead of [1, 1, 1]"
    assert told in notes("[1.075, 1.075, 0]", "18")[0]
    assert notes("[1, 1, 1", "18") == ()  # cut off by a spreadsheet


def test_patients_of_different_settings_are_refused(plain, tmp_path):
    for widths in ((25, 25, 18), (18, 18, 25)):
        made = [SETTINGS % ("[1, 1, 1]", width) for width in widths]
        error = refused(plain.assign(**{COLUMN: made}), tmp_path / "features.csv")
        assert error.patient == "003"  # not one of those who are alike
        assert f"binWidth {widths[2]} instead of {widths[0]}" in str(error)
    made = [SETTINGS % ("[1, 1, 1]", width) for width in (25, 25, 18)]
    assert "with other settings than other patients" in str(error)
    keys = {"patients": ["001", "002"]}  # a stranger's settings do not matter
    path = write(plain.assign(**{COLUMN: made}), tmp_path / "features.csv")
    assert len(read_ready_table(path, **keys).features) == 2


def test_text_in_a_feature(plain, tmp_path):
    values = plain.astype({"original_shape_Elongation": object})
    values.loc[1, "original_shape_Elongation"] = "(0.3+0.1j)"
    error = refused(values, tmp_path / "features.csv")
    assert error.patient == "002"
    assert "feature 'original_shape_Elongation' is text, not a number" in str(error)
    values.loc[1, "original_shape_Elongation"] = "0,31"
    error = refused(values, tmp_path / "features.csv")
    assert "is text, not a number (a decimal comma: write 0.31)" in str(error)


def test_a_complex_number_without_an_imaginary_part_is_a_number(plain, tmp_path):
    values = plain.astype({"original_shape_Elongation": object})
    values["original_shape_Elongation"] = ["(0.3+0j)", "0.4", "(2.5e-01+0j)"]
    ready = read_ready_table(write(values, tmp_path / "features.csv"), IDS)
    assert ready.features["original_shape_Elongation"].tolist() == [0.3, 0.4, 0.25]


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_a_value_that_is_not_finite(plain, tmp_path, value):
    plain.loc[2, "gradient_glszm_ZoneEntropy"] = value
    plain.loc[2, "square_firstorder_Variance"] = value
    error = refused(plain, tmp_path / "features.csv")
    assert error.patient == "003"
    message = "feature 'gradient_glszm_ZoneEntropy' has no finite value (and 1 values more)"
    assert message in str(error)


def test_no_feature_at_all(plain, tmp_path):
    prefixed = plain.rename(columns={name: f"arterial_{name}" for name in NAMES})
    message = str(refused(prefixed, tmp_path / "features.csv"))
    assert "no column has the name of a feature" in message
    assert "arterial_log-sigma-0-5-mm-3D_glcm_Imc1" in message
    assert "with no prefix" in message


@pytest.mark.parametrize("twin", ["wavelet.HLL_ngtdm_Complexity", "wavelet-HLL_ngtdm_Complexity.1"])
def test_a_feature_in_two_columns(plain, tmp_path, twin):
    plain[twin] = 2.0
    message = str(refused(plain, tmp_path / "features.csv"))
    assert f"in two columns, 'wavelet-HLL_ngtdm_Complexity' and '{twin}'" in message


def test_the_published_radscore_names_what_it_lacks(plain, tmp_path):
    gone = ["gradient_glszm_ZoneEntropy", "square_firstorder_Variance"]
    message = str(refused(plain.drop(columns=gone), tmp_path / "features.csv", needed=COEFFICIENTS))
    assert f"{', '.join(gone)} are missing" in message
    assert "radscore.family" in message


def test_the_included_patients_features_are_written_and_the_rest_is_logged(
    pyradiomics, tmp_path, caplog
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
def config(root, plain, tmp_path):
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


def test_the_plan_checks_the_published_features(config, plain, tmp_path):
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
