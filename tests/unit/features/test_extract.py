"""Features: 713, and equal to PyRadiomics on the whole volume."""

import numpy as np
import pytest
import SimpleITK as sitk
import yaml
from radiomics.featureextractor import RadiomicsFeatureExtractor

from taceflow.errors import ConfigurationError
from taceflow.features.extract import (
    average_tumors,
    extract_features,
    extract_patient,
    panel_columns,
    separate_tumors,
)
from taceflow.features.panel import read_panel
from taceflow.radscore.published import COEFFICIENTS
from taceflow.tables import read_table


@pytest.fixture(scope="module")
def volume():
    random = np.random.default_rng(5)
    values = sitk.GetImageFromArray(random.normal(0, 200, (60, 70, 80)))
    smooth = sitk.Cast(sitk.SmoothingRecursiveGaussian(values, 1.5) * 4 + 40, sitk.sitkInt16)
    smooth[0, 0, 0] = 3071  # a bright voxel far from the tumour sets the scale of four images
    return smooth


@pytest.fixture(scope="module")
def masks(volume):
    z, y, x = np.indices(volume.GetSize()[::-1])
    made = {}
    for name, (centre, radius) in {
        "reader1-1": ((31, 36, 40), 9.0),
        "reader2-1": ((32, 35, 41), 8.0),
    }.items():
        inside = sum((a - c) ** 2 for a, c in zip((z, y, x), centre, strict=True)) < radius**2
        made[name] = sitk.GetImageFromArray(inside.astype(np.uint8))
        made[name].CopyInformation(volume)
    return made


@pytest.fixture(scope="module")
def panel(root):
    return read_panel(root / "config" / "radiomics.yaml")


def test_the_panel_has_713_features_with_the_five_published(panel):
    columns = panel_columns(panel)
    assert len(columns) == len(set(columns)) == 713
    assert len(COEFFICIENTS) == 5
    assert set(COEFFICIENTS) <= set(columns)


def test_equal_to_pyradiomics_on_the_whole_volume(volume, masks, panel):
    found = extract_features(volume, masks, panel)
    assert list(found.columns) == panel_columns(panel)
    extractor = RadiomicsFeatureExtractor(**panel.setting)
    extractor.disableAllImageTypes()
    for kind, settings in {
        "Original": {},
        "LoG": {"sigma": list(panel.sigmas_mm)},
        "Wavelet": {},
        "Square": {},
        "SquareRoot": {},
        "Logarithm": {},
        "Exponential": {},
        "Gradient": {},
    }.items():
        extractor.enableImageTypeByName(kind, customArgs=settings)
    extractor.enableAllFeatures()
    for name, mask in masks.items():
        whole = extractor.execute(volume, mask)
        expected = np.array([float(whole[column]) for column in panel_columns(panel)])
        laplacian = np.array([column.startswith("log-sigma") for column in panel_columns(panel)])
        got = found.loc[name].to_numpy()
        np.testing.assert_allclose(got[~laplacian], expected[~laplacian], rtol=1e-9)
        # The recursive Gaussian remembers the border: single precision, 10 sigma away.
        np.testing.assert_allclose(got[laplacian], expected[laplacian], rtol=1e-4, atol=1e-4)


def test_a_reading_does_not_depend_on_the_others(volume, masks, panel):
    together = extract_features(volume, masks, panel).loc["reader2-1"].to_numpy()
    alone = extract_features(volume, {"reader2-1": masks["reader2-1"]}, panel).iloc[0].to_numpy()
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-4)


def test_one_patients_table(volume, masks, root, tmp_path):
    sitk.WriteImage(volume, str(tmp_path / "ct.nii.gz"))
    for name, mask in masks.items():
        sitk.WriteImage(mask, str(tmp_path / f"mask_{name}.nii.gz"))
    out = tmp_path / "features.parquet"
    extract_patient(
        patient="P1",
        resampled=str(tmp_path),
        panel=str(root / "config" / "radiomics.yaml"),
        tumors="union",
        minimum_roi_voxels=64,
        features=str(out),
    )
    table = read_table(out, "patient_features")
    assert table["reading"].tolist() == ["reader1-1", "reader2-1"]
    assert table["patient_id"].tolist() == ["P1", "P1"]
    assert table.select_dtypes("number").shape == (2, 713)


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


def test_each_tumour_is_measured_for_itself_and_the_mean_is_weighted_by_volume(volume, panel):
    z, y, x = np.indices(volume.GetSize()[::-1])
    balls = [((30, 30, 20), 8.0), ((30, 30, 55), 5.0), ((10, 60, 70), 1.0)]
    inside = [
        sum((a - c) ** 2 for a, c in zip((z, y, x), centre, strict=True)) < radius**2
        for centre, radius in balls
    ]
    mask = sitk.GetImageFromArray(np.logical_or.reduce(inside).astype(np.uint8))
    mask.CopyInformation(volume)
    regions = separate_tumors({"reader1-1": mask}, minimum_voxels=64)
    assert list(regions) == [("reader1-1", 0), ("reader1-1", 1)]
    table = extract_features(volume, regions, panel)
    (mean,) = average_tumors(table, regions).to_dict("records")
    weights = [ball.sum() for ball in inside[:2]]
    for name in ("original_shape_VoxelVolume", "log-sigma-2-0-mm-3D_ngtdm_Contrast"):
        expected = np.average(table[name], weights=weights)
        assert mean[name] == pytest.approx(expected, rel=1e-12)
    assert table["original_shape_VoxelVolume"].tolist() == weights
