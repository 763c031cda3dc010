"""Features: 713, and equal to PyRadiomics on the whole volume."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import yaml

import taceflow
from taceflow.errors import ConfigurationError
from taceflow.radiomics.extract import (
    extract_features,
    extract_patient,
)
from taceflow.radiomics.panel import read_panel
from taceflow.radiomics.patient_table import read_patient_table
from taceflow.radscore.published import COEFFICIENTS


def test_the_panel_has_713_features_with_the_five_published(panel):
    columns = panel.columns
    assert len(columns) == len(set(columns)) == 713
    assert len(COEFFICIENTS) == 5
    assert set(COEFFICIENTS) <= set(columns)


def test_equal_to_pyradiomics_on_the_whole_volume(
    volume, masks, every_image, assert_equal, pyradiomics
):
    found = table_of(extract_features(volume, masks, every_image))
    assert found.shape == (2, 14 + 18 * 93)
    assert list(found) == every_image.columns
    for name, mask in masks.items():
        expected = pyradiomics(volume, mask, every_image)
        assert_equal(found.loc[name].to_numpy(), expected, every_image)


def test_a_reading_does_not_depend_on_the_others(volume, masks, panel):
    together = extract_features(volume, masks, panel)["reader2-1"]
    (alone,) = extract_features(volume, {"reader2-1": masks["reader2-1"]}, panel).values()
    np.testing.assert_allclose(list(together.values()), list(alone.values()), rtol=1e-6)


def table_of(measured):
    return pd.DataFrame(measured).T


SCALED = ("square_", "squareroot_", "logarithm_", "exponential_")


@pytest.fixture(scope="module")
def three_scans(masks):
    """One tumour: with a bright voxel elsewhere, without, and with one as bright as the scale."""
    random = np.random.default_rng(5)
    values = sitk.GetImageFromArray(random.normal(0, 200, (60, 71, 80)))
    quiet = sitk.Cast(sitk.SmoothingRecursiveGaussian(values, 1.5) + 60, sitk.sitkInt16)
    bright = sitk.Image(quiet)
    bright[1, 1, 1] = 3071
    return quiet, bright


def test_under_volume_one_voxel_outside_the_tumour_moves_what_is_scaled(three_scans, masks, panel):
    quiet, bright = (table_of(extract_features(scan, masks, panel)) for scan in three_scans)
    ratio = np.abs(sitk.GetArrayFromImage(three_scans[0])).max() / 3071
    name = "square_firstorder_Variance"
    assert (bright[name] / quiet[name]).tolist() == pytest.approx([ratio**2] * 2, rel=1e-9)
    moved = [one for one in quiet if not np.allclose(quiet[one], bright[one], rtol=1e-6)]
    assert name in moved
    assert all(column.startswith(SCALED) for column in moved)


def test_under_a_fixed_scale_it_moves_nothing(three_scans, masks, panel):
    quiet, bright = (
        table_of(extract_features(scan, masks, panel, scale=3071)) for scan in three_scans
    )
    of_volume = table_of(extract_features(three_scans[1], masks, panel))
    scaled = [column for column in quiet if column.startswith(SCALED)]
    assert len(scaled) == 4 * 18
    pd.testing.assert_frame_equal(quiet[scaled], bright[scaled], check_exact=True)
    # The brightest voxel happens to be the fixed value.
    pd.testing.assert_frame_equal(bright, of_volume, check_exact=True)


def test_a_step_starts_without_what_it_does_not_need():
    """pandas, pyarrow and SciPy take longer to import than a small tumour to measure."""
    code = "import sys, taceflow.radiomics.extract; print(*sys.modules)"
    source = Path(taceflow.__file__).parents[1]
    started = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(source)},
    )
    imported = {name.partition(".")[0] for name in started.stdout.split()}
    assert "radiomics" in imported
    assert not imported & {"pandas", "pyarrow", "scipy", "matplotlib", "highdicom"}


def test_one_patients_table(volume, masks, root, tmp_path, arguments, write_patient):
    extract_patient(**arguments(root, write_patient(tmp_path, volume, masks)))
    rows = read_patient_table(tmp_path / "features.tsv.gz")
    assert [row["reading"] for row in rows] == ["reader1-1", "reader2-1"]
    assert [row["patient_id"] for row in rows] == ["P1", "P1"]
    expected = extract_features(volume, masks, read_panel(root / "config" / "radiomics.yaml"))
    for row in rows:
        found = {name: float(row[name]) for name in list(row)[3:]}
        assert found == expected[row["reading"]]  # to the last bit
        assert len(found) == 713


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"setting": {"binwidth": 25}}, "binwidth"),
        ({"imageType": {"Original": {}, "Sqare": {}}}, "Sqare"),
        ({"textureImages": ["wavelet-XYZ"]}, "wavelet-XYZ"),
    ],
)
def test_a_misspelt_setting_is_an_error(root, tmp_path, change, words):
    content = yaml.safe_load((root / "config" / "radiomics.yaml").read_text()) | change
    (tmp_path / "panel.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(ConfigurationError, match=words):
        read_panel(tmp_path / "panel.yaml")
