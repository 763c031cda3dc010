"""The columns of a ready table that are features."""

import numpy as np
import pytest

from taceflow.radiomics.ready.table import read_ready_table
from taceflow.radscore.published import COEFFICIENTS

IDS = ["001", "002", "003"]

NAMES = [*COEFFICIENTS, "original_shape_Elongation", "log-sigma-0-5-mm-3D_glcm_Imc1"]


def test_text_in_a_feature(plain, tmp_path, refused):
    values = plain.astype({"original_shape_Elongation": object})
    values.loc[1, "original_shape_Elongation"] = "(0.3+0.1j)"
    error = refused(values, tmp_path / "features.csv")
    assert error.patient == "002"
    assert "feature 'original_shape_Elongation' is text, not a number" in str(error)
    values.loc[1, "original_shape_Elongation"] = "0,31"
    error = refused(values, tmp_path / "features.csv")
    assert "is text, not a number (a decimal comma: write 0.31)" in str(error)


def test_a_complex_number_without_an_imaginary_part_is_a_number(plain, tmp_path, write):
    values = plain.astype({"original_shape_Elongation": object})
    values["original_shape_Elongation"] = ["(0.3+0j)", "0.4", "(2.5e-01+0j)"]
    ready = read_ready_table(write(values, tmp_path / "features.csv"), IDS)
    assert ready.features["original_shape_Elongation"].tolist() == [0.3, 0.4, 0.25]


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_a_value_that_is_not_finite(plain, tmp_path, value, refused):
    plain.loc[2, "gradient_glszm_ZoneEntropy"] = value
    plain.loc[2, "square_firstorder_Variance"] = value
    error = refused(plain, tmp_path / "features.csv")
    assert error.patient == "003"
    message = "feature 'gradient_glszm_ZoneEntropy' has no finite value (and 1 other value)"
    assert message in str(error)


def test_no_feature_at_all(plain, tmp_path, refused):
    prefixed = plain.rename(columns={name: f"arterial_{name}" for name in NAMES})
    message = str(refused(prefixed, tmp_path / "features.csv"))
    assert "no column has the name of a feature" in message
    assert "arterial_log-sigma-0-5-mm-3D_glcm_Imc1" in message
    assert "with no prefix" in message


@pytest.mark.parametrize("twin", ["wavelet.HLL_ngtdm_Complexity", "wavelet-HLL_ngtdm_Complexity.1"])
def test_a_feature_in_two_columns(plain, tmp_path, twin, refused):
    plain[twin] = 2.0
    message = str(refused(plain, tmp_path / "features.csv"))
    assert f"in two columns, 'wavelet-HLL_ngtdm_Complexity' and '{twin}'" in message
