"""The two panels, their columns, and what a panel's file may not hold."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import yaml
from radiomics import getFeatureClasses
from radiomics.featureextractor import RadiomicsFeatureExtractor

from taceflow.errors import ConfigurationError, InputError
from taceflow.radiomics.extract import extract_features
from taceflow.radiomics.panel import FEATURES, checked_panel, read_panel
from taceflow.radscore.published import COEFFICIENTS

PANELS = {"radiomics.yaml": (713, 18, 5), "radiomics_full.yaml": (1223, 13, 13)}
"""By file: features a region, images, images with textures."""


@pytest.fixture
def changed(root, tmp_path):
    """Write the default panel with a change, and return its path."""

    def write(part, change):
        content = yaml.safe_load((root / "config" / "radiomics.yaml").read_text())
        content[part] = content[part] | change if isinstance(change, dict) else change
        (tmp_path / "panel.yaml").write_text(yaml.safe_dump(content))
        return tmp_path / "panel.yaml"

    return write


@pytest.fixture(scope="module")
def volume():
    random = np.random.default_rng(9)
    values = sitk.GetImageFromArray(random.normal(0, 250, (40, 44, 48)))
    return sitk.Cast(sitk.SmoothingRecursiveGaussian(values, 1.2) * 3, sitk.sitkInt16)


@pytest.fixture(scope="module")
def mask(volume):
    z, y, x = np.indices(volume.GetSize()[::-1])
    inside = ((z - 20) / 6) ** 2 + ((y - 21) / 8) ** 2 + ((x - 24) / 9) ** 2 < 1
    ball = sitk.GetImageFromArray(inside.astype(np.uint8))
    ball.CopyInformation(volume)
    return ball


@pytest.mark.parametrize("file", PANELS)
def test_a_panel_has_its_features_and_the_five_published(root, file):
    panel = read_panel(root / "config" / file)
    features, images, textured = PANELS[file]
    assert len(panel.columns) == len(set(panel.columns)) == features
    assert (len(panel.images), len(panel.texture_images)) == (images, textured)
    assert len(COEFFICIENTS) == 5
    assert set(COEFFICIENTS) <= set(panel.columns)


def test_the_features_of_each_class_are_pyradiomics_own():
    own = {
        name: tuple(one for one, deprecated in kind.getFeatureNames().items() if not deprecated)
        for name, kind in getFeatureClasses().items()
        if name != "shape2D"
    }
    assert own == FEATURES


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("setting", {"binwidth": 25}, "'setting.binwidth' .known here: binCount, binWidth"),
        ("setting", {"normalize": True}, "setting.normalize"),
        ("setting", {"resampledPixelSpacing": [1, 1, 1]}, "setting.resampledPixelSpacing"),
        ("setting", {"label": 255}, "setting.label"),
        ("setting", {"weightingNorm": "euclid"}, "euclid.*'euclidean'"),
        ("setting", {"binCount": 32}, "binWidth and binCount"),
        ("setting", {"force2D": True}, "remove Wavelet"),
        ("imageType", {"Sqare": {}}, "'imageType.Sqare' .known here: Exponential, Gradient"),
        ("imageType", {"Square": {"sigma": [1]}}, "imageType.Square.sigma"),
        ("imageType", {"LoG": {"sigmas": [1]}}, "'imageType.LoG.sigmas' .known here: sigma"),
        ("imageType", {"LoG": {}}, "sigma"),
        ("imageType", {"LoG": {"sigma": [2.0, 2]}}, "imageType.LoG.sigma"),
        ("imageType", {"LoG": {"sigma": [-1]}}, "imageType.LoG.sigma"),
        ("imageType", {"Wavelet": {"levels": 1}}, "known here: level, start_level, wavelet"),
        ("imageType", {"Wavelet": {"wavelet": "db1"}}, "coif1"),
        ("imageType", {"Wavelet": {"start_level": 1}}, "imageType.Wavelet.start_level"),
        ("featureClass", {"glcmm": None}, "'featureClass.glcmm' .known here: firstorder, glcm"),
        ("featureClass", {"glcm": ["Contrast", "Homogenity"]}, "'Homogenity'.*InverseVariance"),
        ("featureClass", {"firstorder": []}, "featureClass.firstorder"),
        ("greyLevelsFrom", "rnage", "greyLevelsFrom.*did you mean 'range'"),
        ("greyLevelsFrom", "range", "needs a setting.resegmentRange in HU"),
        ("textureImages", ["wavelet-XYZ"], "wavelet-XYZ.*known here: original, log-sigma-1-0"),
    ],
)
def test_what_is_unknown_is_an_error_that_names_what_is_known(changed, part, change, words):
    with pytest.raises(ConfigurationError, match=f"panel.yaml: .*{words}"):
        read_panel(changed(part, change))


@pytest.mark.parametrize(
    "change", [{"resegmentMode": "sigma"}, {"resegmentMode": "relative"}, {"binCount": 16}]
)
def test_grey_levels_from_the_range_need_one_in_hu_and_bins_of_a_width(root, change):
    content = yaml.safe_load((root / "config" / "ibsi" / "c.yaml").read_text())
    assert checked_panel(content, "c.yaml").lowest == -1000
    del content["setting"]["binWidth"]
    content["setting"] |= change
    with pytest.raises(ConfigurationError, match="no binCount: change these, or remove it"):
        checked_panel(content, "c.yaml")


@pytest.mark.parametrize("text", ["", "[1, 2]", "setting: {binWidth: 25"])
def test_a_file_that_is_no_panel_is_named(tmp_path, text):
    (tmp_path / "panel.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=r"panel\.yaml"):
        read_panel(tmp_path / "panel.yaml")


def test_a_list_of_features_makes_just_these_columns(changed, volume, mask):
    wanted = {"glcm": ["MCC", "Contrast"], "firstorder": ["Mean"]}
    panel = read_panel(changed("featureClass", wanted))
    assert [name for name in panel.columns if name.startswith("original_glcm")] == [
        "original_glcm_Contrast",
        "original_glcm_MCC",
    ]
    assert len(panel.columns) == 14 + 18 + 5 * (2 + 16 + 16 + 14 + 5)
    found = extract_features(volume, {"mask": mask}, panel)
    assert list(found["mask"]) == panel.columns


@pytest.mark.parametrize(
    "setting",
    [
        {"binWidth": 25, "resegmentRange": [-150, 120]},
        {"binCount": 16, "resegmentRange": [-1.5, 1.5], "resegmentMode": "sigma"},
        {"binWidth": 10, "force2D": True, "weightingNorm": "no_weighting"},
        {"binWidth": 25, "distances": [1, 2], "gldm_a": 1, "voxelArrayShift": 500},
    ],
)
def test_settings_act_as_in_pyradiomics(root, volume, mask, setting):
    panel = read_panel(root / "config" / "radiomics_full.yaml")
    images = ("original", "square", "gradient")
    panel = dataclasses.replace(
        panel, setting=setting, images=images, texture_images=frozenset(images)
    )
    found = pd.Series(extract_features(volume, {"mask": mask}, panel)["mask"])
    extractor = RadiomicsFeatureExtractor(**setting)
    extractor.disableAllImageTypes()
    for kind in ("Original", "Square", "Gradient"):
        extractor.enableImageTypeByName(kind)
    extractor.disableAllFeatures()
    for name in FEATURES:  # all of them would be shape2D too
        extractor.enableFeatureClassByName(name)
    whole = extractor.execute(volume, mask)
    expected = [float(whole[name]) for name in found.index]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_a_range_that_leaves_no_voxel_is_an_error(root, volume, mask):
    panel = read_panel(root / "config" / "ibsi" / "c.yaml")
    panel = dataclasses.replace(panel, setting=panel.setting | {"resegmentRange": [3000, 4000]})
    with pytest.raises(InputError, match=r"fewer than two voxels.*resegmentRange \[3000, 4000\]"):
        extract_features(volume, {"mask": mask}, panel)


def test_grey_levels_from_the_range_are_those_of_the_original_image_alone(root, volume, mask):
    panel = read_panel(root / "config" / "radiomics_full.yaml")
    images = ("original", "square")
    setting = panel.setting | {"resegmentRange": [-160, 240]}
    panel = dataclasses.replace(
        panel, setting=setting, images=images, texture_images=frozenset(images)
    )
    from_minimum = extract_features(volume, {"mask": mask}, panel)["mask"]
    from_range = extract_features(
        volume, {"mask": mask}, dataclasses.replace(panel, lowest=-160.0)
    )["mask"]
    moved = {name for name in panel.columns if from_minimum[name] != from_range[name]}
    assert "original_glcm_JointAverage" in moved
    assert all(name.startswith("original_") for name in moved)
    kept = sitk.GetArrayFromImage(volume)[sitk.GetArrayFromImage(mask) == 1]
    kept = kept[(kept >= -160) & (kept <= 240)]
    counts = np.bincount((kept + 160) // 25)
    shares = counts[counts > 0] / counts.sum()
    assert from_range["original_firstorder_Uniformity"] == pytest.approx((shares**2).sum())


@pytest.mark.parametrize("file", ["radiomics.yaml", "radiomics_full.yaml"])
def test_grey_levels_are_bins_of_25_hu_from_a_multiple_of_25(root, file):
    """Entropy and uniformity of known bins: HU 0-24, 25-49 and 50-74 with 1/2, 1/4 and 1/4."""
    values = np.zeros((8, 8, 8), dtype=np.int16)
    values[:] = np.array([0, 24, 7, 12, 25, 49, 50, 74])
    image = sitk.GetImageFromArray(np.pad(values, 12, constant_values=-100))
    mask = sitk.GetImageFromArray(np.pad(np.ones_like(values, dtype=np.uint8), 12))
    panel = read_panel(root / "config" / file)
    found = extract_features(image, {"reader1-1": mask}, panel)["reader1-1"]
    assert found["original_firstorder_Entropy"] == pytest.approx(1.5, abs=1e-12)
    assert found["original_firstorder_Uniformity"] == pytest.approx(0.375, abs=1e-12)
