"""Features: 713, and equal to PyRadiomics on the whole volume."""

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import yaml
from radiomics.featureextractor import RadiomicsFeatureExtractor

from taceflow.errors import ConfigurationError, InputError
from taceflow.files.tables import read_table
from taceflow.radiomics.collect import collect_features
from taceflow.radiomics.extract import (
    Extraction,
    extract_features,
    extract_patient,
)
from taceflow.radiomics.filters import largest_magnitude
from taceflow.radiomics.panel import SIMPLE_IMAGES, read_panel
from taceflow.radiomics.several_tumors import average_tumors, separate_tumors
from taceflow.radscore.published import COEFFICIENTS


@pytest.fixture(scope="module")
def volume():
    random = np.random.default_rng(5)
    values = sitk.GetImageFromArray(random.normal(0, 200, (60, 71, 80)))
    smooth = sitk.Cast(sitk.SmoothingRecursiveGaussian(values, 1.5) * 4 + 40, sitk.sitkInt16)
    smooth[0, 0, 0] = 3071  # a bright voxel far from the tumour sets the scale of four images
    return smooth


def ball(volume, centre, radius):
    z, y, x = np.indices(volume.GetSize()[::-1])
    inside = sum((a - c) ** 2 for a, c in zip((z, y, x), centre, strict=True)) < radius**2
    mask = sitk.GetImageFromArray(inside.astype(np.uint8))
    mask.CopyInformation(volume)
    return mask


@pytest.fixture(scope="module")
def masks(volume):
    return {
        "reader1-1": ball(volume, (31, 36, 40), 9.0),
        "reader2-1": ball(volume, (32, 35, 41), 8.0),
    }


@pytest.fixture(scope="module")
def panel(root):
    return read_panel(root / "config" / "radiomics.yaml")


@pytest.fixture(scope="module")
def every_image(root, tmp_path_factory):
    """All textures on all images of the default panel: 14 + 18 x 93 features."""
    content = yaml.safe_load((root / "config" / "radiomics.yaml").read_text())
    del content["textureImages"]
    path = tmp_path_factory.mktemp("panel") / "panel.yaml"
    path.write_text(yaml.safe_dump(content))
    return read_panel(path)


def pyradiomics(volume, mask, panel):
    """Return PyRadiomics' own values, computed on the whole volume."""
    extractor = RadiomicsFeatureExtractor(**panel.setting)
    extractor.disableAllImageTypes()
    for kind in ("Original", "Wavelet", *SIMPLE_IMAGES):
        extractor.enableImageTypeByName(kind)
    extractor.enableImageTypeByName("LoG", customArgs={"sigma": list(panel.sigmas_mm)})
    extractor.enableAllFeatures()
    whole = extractor.execute(volume, mask)
    return np.array([float(whole[column]) for column in panel.columns])


def assert_equal(found, expected, panel, summed=("original_shape",)):
    """Assert identity; what is summed in another order to 1e-12, Laplacian of Gaussian to 1e-6."""
    columns = panel.columns
    mesh = np.array([column.startswith(summed) for column in columns])
    laplacian = np.array([column.startswith("log-sigma") for column in columns])
    exact = ~(mesh | laplacian)
    np.testing.assert_array_equal(found[exact], expected[exact])
    np.testing.assert_allclose(found[mesh], expected[mesh], rtol=1e-12)
    np.testing.assert_allclose(found[laplacian], expected[laplacian], rtol=1e-6)


def test_the_panel_has_713_features_with_the_five_published(panel):
    columns = panel.columns
    assert len(columns) == len(set(columns)) == 713
    assert len(COEFFICIENTS) == 5
    assert set(COEFFICIENTS) <= set(columns)


def test_equal_to_pyradiomics_on_the_whole_volume(volume, masks, every_image):
    found = extract_features(volume, masks, every_image)
    assert found.shape == (2, 14 + 18 * 93)
    for name, mask in masks.items():
        expected = pyradiomics(volume, mask, every_image)
        assert_equal(found.loc[name].to_numpy(), expected, every_image)


@pytest.mark.parametrize("centre", [(2, 3, 4), (57, 68, 77)])
def test_a_tumour_at_the_border_of_the_volume(volume, every_image, centre):
    mask = ball(volume, centre, 7.0)
    found = extract_features(volume, {"reader1-1": mask}, every_image).iloc[0].to_numpy()
    expected = pyradiomics(volume, mask, every_image)
    # Where it goes round the border, PyWavelets adds the same six numbers in another order.
    assert_equal(found, expected, every_image, summed=("original_shape", "wavelet"))


def test_an_anisotropic_grid(volume, masks, every_image):
    stretched, mask = sitk.Image(volume), sitk.Image(masks["reader1-1"])
    for image in (stretched, mask):
        image.SetSpacing((0.7, 0.8, 2.5))
    found = extract_features(stretched, {"reader1-1": mask}, every_image).iloc[0].to_numpy()
    assert_equal(found, pyradiomics(stretched, mask, every_image), every_image)


def test_a_volume_far_larger_than_the_margins(every_image):
    random = np.random.default_rng(8)
    noise = sitk.GetImageFromArray(random.normal(0, 300, (150, 150, 150)))
    volume = sitk.Cast(sitk.SmoothingRecursiveGaussian(noise, 1.0), sitk.sitkInt16)
    mask = ball(volume, (75, 75, 75), 9.0)
    found = extract_features(volume, {"reader1-1": mask}, every_image).iloc[0].to_numpy()
    assert_equal(found, pyradiomics(volume, mask, every_image), every_image)


def test_a_reading_does_not_depend_on_the_others(volume, masks, panel):
    together = extract_features(volume, masks, panel).loc["reader2-1"].to_numpy()
    alone = extract_features(volume, {"reader2-1": masks["reader2-1"]}, panel).iloc[0].to_numpy()
    np.testing.assert_allclose(together, alone, rtol=1e-6)


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
    quiet, bright = (extract_features(scan, masks, panel) for scan in three_scans)
    ratio = largest_magnitude(three_scans[0]) / 3071
    name = "square_firstorder_Variance"
    assert (bright[name] / quiet[name]).tolist() == pytest.approx([ratio**2] * 2, rel=1e-9)
    moved = [one for one in quiet if not np.allclose(quiet[one], bright[one], rtol=1e-6)]
    assert name in moved
    assert all(column.startswith(SCALED) for column in moved)


def test_under_a_fixed_scale_it_moves_nothing(three_scans, masks, panel):
    quiet, bright = (extract_features(scan, masks, panel, scale=3071) for scan in three_scans)
    of_volume = extract_features(three_scans[1], masks, panel)
    scaled = [column for column in quiet if column.startswith(SCALED)]
    assert len(scaled) == 4 * 18
    pd.testing.assert_frame_equal(quiet[scaled], bright[scaled], check_exact=True)
    # The brightest voxel happens to be the fixed value.
    pd.testing.assert_frame_equal(bright, of_volume, check_exact=True)


def changed(image, values):
    made = sitk.GetImageFromArray(values)
    made.CopyInformation(image)
    return made


def single_voxels(mask, places):
    values = np.zeros(mask.GetSize()[::-1], np.uint8)
    for place in places:
        values[place] = 1
    return changed(mask, values)


def moved_away(mask):
    shifted = sitk.Image(mask)
    shifted.SetOrigin((0.01, 0, 0))
    return shifted


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda mask: mask * 0, "is empty"),
        (lambda mask: single_voxels(mask, [(30, 30, 30)]), "has 1 voxels, fewer than 64"),
        (lambda mask: single_voxels(mask, [np.s_[30, 30, :]]), "is a line of 80 voxels"),
        (lambda mask: single_voxels(mask, [np.s_[30, 30:37, 30:39]]), "has 63 voxels, fewer"),
        (lambda mask: mask * 2, "other values than 0 and 1"),
        (lambda mask: sitk.Cast(mask, sitk.sitkFloat32) * 0.999, "other values than 0 and 1"),
        (moved_away, "grid of the CT"),
        (lambda mask: mask[:70], "grid of the CT"),
    ],
)
def test_a_mask_that_cannot_be_measured_is_named(volume, masks, root, tmp_path, spoil, words):
    patient = write_patient(tmp_path, volume, masks | {"reader2-1": spoil(masks["reader2-1"])})
    with pytest.raises(InputError, match=f"patient P1: the mask reader2-1.*{words}"):
        extract_patient(**arguments(root, patient))
    assert not (tmp_path / "features.parquet").exists()


def test_one_voxel_is_refused_whatever_the_minimum(volume, masks, panel):
    one = single_voxels(masks["reader1-1"], [(30, 30, 30)])
    with pytest.raises(InputError, match="reader1-1, tumour 0 has 1 voxels, fewer than 2"):
        extract_features(volume, {("reader1-1", 0): one}, panel)


def test_values_that_are_not_finite_are_counted(volume, masks, panel):
    values = sitk.GetArrayFromImage(volume).astype(np.float32)
    values[3, 4, 5:7] = np.nan
    with pytest.raises(InputError, match="patient P1: the CT holds 2 values that are not finite"):
        extract_features(changed(volume, values), masks, panel, patient="P1")


def test_a_volume_smaller_than_a_filter_is_an_error_not_a_hole(volume, masks, panel):
    thin, mask = volume[:, :, 30:34], masks["reader1-1"][:, :, 30:34]
    with pytest.raises(InputError, match="80 x 71 x 4 voxels is too small for log-sigma-4-0-mm-3D"):
        extract_features(thin, {"reader1-1": mask}, panel, patient="P1")


def test_a_flat_tumour_of_a_tiny_volume_equals_pyradiomics(volume, every_image):
    tiny = volume[30:37, 30:38, 30:36]
    mask = ball(tiny, (3, 4, 3), 2.5)
    found = extract_features(tiny, {"reader1-1": mask}, every_image).iloc[0].to_numpy()
    expected = pyradiomics(tiny, mask, every_image)
    assert_equal(found, expected, every_image, summed=("original_shape", "wavelet"))


def write_patient(folder, volume, masks):
    sitk.WriteImage(volume, str(folder / "ct.nii.gz"))
    for name, mask in masks.items():
        sitk.WriteImage(mask, str(folder / f"mask_{name}.nii.gz"))
    return folder


def arguments(root, folder):
    return {
        "patient": "P1",
        "resampled": str(folder),
        "how": Extraction(
            panel=str(root / "config" / "radiomics.yaml"),
            tumors="union",
            minimum_roi_voxels=64,
            scale="volume",
        ),
        "features": str(folder / "features.parquet"),
    }


def test_gathering_asserts_the_columns_and_the_reading(volume, masks, root, tmp_path):
    patient = write_patient(tmp_path, volume, masks)
    extract_patient(**arguments(root, patient))
    whole = read_table(tmp_path / "features.parquet")
    panel, given = str(root / "config" / "radiomics.yaml"), str(tmp_path / "given.parquet")

    def gather(table, reading="reader2-1"):
        table.to_parquet(given)
        out = str(tmp_path / "a.parquet")
        collect_features(tables=[given], panel=panel, reading=reading, features=out)

    gather(whole)
    gathered = read_table(tmp_path / "a.parquet", "features")
    assert gathered.drop(columns="patient_id").equals(
        whole.loc[[1]].drop(columns=["patient_id", "reading"]).reset_index(drop=True)
    )
    (tmp_path / "a.parquet").unlink()
    name = "log-sigma-2-0-mm-3D_ngtdm_Contrast"
    with pytest.raises(InputError, match=f"P1: 712 features instead of the panel's 713.*{name}"):
        gather(whole.drop(columns=name))
    with pytest.raises(InputError, match=f"P1: 1 features are not finite.*{name}"):
        gather(whole.assign(**{name: [1.0, np.nan]}))
    with pytest.raises(InputError, match="patient P1: the table holds 0 rows of reader3-1"):
        gather(whole, "reader3-1")
    assert not (tmp_path / "a.parquet").exists()


def test_one_patients_table(volume, masks, root, tmp_path):
    extract_patient(**arguments(root, write_patient(tmp_path, volume, masks)))
    table = read_table(tmp_path / "features.parquet", "patient_features")
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
