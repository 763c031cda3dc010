"""The ids of a ready table."""

import numpy as np
import pytest

from taceflow.errors import InputError
from taceflow.radiomics.ready.table import read_ready_table
from taceflow.radscore.published import COEFFICIENTS

IDS = ["001", "002", "003"]

NAMES = [*COEFFICIENTS, "original_shape_Elongation", "log-sigma-0-5-mm-3D_glcm_Imc1"]

VALUES = np.random.default_rng(1).normal(size=(len(IDS), len(NAMES)))


def test_no_column_of_ids(plain, pyradiomics, tmp_path, refused):
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


def test_ids_of_another_form_are_refused_without_showing_them(pyradiomics, tmp_path, refused):
    message = str(refused(pyradiomics, tmp_path / "features.csv", id_column="Image"))
    assert "none of its 3 rows belongs to a patient of the table of patients" in message
    assert "tables.features_id_pattern" in message
    assert "HCC" not in message


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
def test_ids_in_another_form_are_found(plain, tmp_path, written, sheet, write):
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
def test_zeros_that_could_be_either_patients_are_refused(plain, tmp_path, written, sheet, write):
    path = write(plain.assign(patient_id=written), tmp_path / "features.csv")
    with pytest.raises(InputError, match=r"but for leading zeros, .*Write the ids alike"):
        read_ready_table(path, sheet)


def test_ids_behind_a_prefix_are_explained_and_not_guessed(plain, tmp_path, refused, write):
    path = tmp_path / "features.csv"
    message = str(refused(plain.assign(patient_id=[f"HCC_{one}" for one in IDS]), path))
    assert "3 of its ids are ids of the table of patients with characters before them" in message
    assert "tables.features_id_pattern: '[0-9]+$'" in message
    assert "HCC" not in message
    with pytest.raises(InputError, match="3 ids of the table of patients are those of this table"):
        read_ready_table(write(plain, path), [f"HCC_{one}" for one in IDS])
    mixed = write(plain.assign(patient_id=["001", "HCC_002", "HCC_003"]), path)
    assert read_ready_table(mixed, IDS).alike == 2
