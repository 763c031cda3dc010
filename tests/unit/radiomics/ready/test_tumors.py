"""Several rows of a patient."""

import numpy as np
import pandas as pd
import pytest

from taceflow.radiomics.ready.table import read_ready_table
from taceflow.radscore.published import COEFFICIENTS

IDS = ["001", "002", "003"]

NAMES = [*COEFFICIENTS, "original_shape_Elongation", "log-sigma-0-5-mm-3D_glcm_Imc1"]

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
def test_the_largest_of_several_tumours_is_taken(lesions, tmp_path, column, write):
    path = write(lesions.assign(**{column: VOLUMES}), tmp_path / "features.csv")
    ready = read_ready_table(path, IDS, tumors="largest")
    assert ready.features.index.tolist() == ["001", "003", "002"]
    np.testing.assert_allclose(ready.features[NAMES], lesions[NAMES].iloc[[0, 1, 3]], rtol=1e-15)
    assert len(ready.notes) == 1
    assert "1 of 3 patients has several rows" in ready.notes[0]
    assert "the row of the largest tumour" in ready.notes[0]


def test_each_tumour_counts_by_its_volume(lesions, tmp_path, write):
    table = lesions.assign(original_shape_VoxelVolume=VOLUMES)
    ready = read_ready_table(write(table, tmp_path / "features.csv"), IDS, tumors="each")
    expected = 0.9 * lesions.loc[1, NAMES] + 0.1 * lesions.loc[2, NAMES]
    np.testing.assert_allclose(ready.features.loc["003", NAMES], expected.astype(float))
    np.testing.assert_allclose(
        ready.features.loc["002", NAMES], lesions.loc[3, NAMES].astype(float)
    )
    assert "weighted by volume" in ready.notes[0]


def test_two_rows_of_a_patient(lesions, tmp_path, refused):
    error = refused(lesions, tmp_path / "features.csv")
    assert error.patient == "003"
    assert "has more than one row [" in str(error)
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
def test_tumours_that_cannot_be_told(lesions, tmp_path, volumes, tumors, message, refused):
    if volumes is not None:
        lesions["diagnostics_Mask-original_VoxelNum"] = volumes
    error = refused(lesions, tmp_path / "features.csv", tumors=tumors)
    assert error.patient == "003"
    assert message in str(error)


def test_a_failed_extraction_of_the_largest_tumour_is_told(lesions, tmp_path, refused, write):
    table = lesions.assign(**{"diagnostics_Mask-original_VoxelNum": VOLUMES})
    table.loc[1, NAMES] = np.nan
    error = refused(table, tmp_path / "features.csv", tumors="largest")
    assert error.patient == "003"
    assert "no features of the largest tumour" in str(error)
    ready = read_ready_table(write(table, tmp_path / "features.csv"), IDS, tumors="each")
    np.testing.assert_allclose(
        ready.features.loc["003", NAMES], lesions.loc[2, NAMES].astype(float)
    )
