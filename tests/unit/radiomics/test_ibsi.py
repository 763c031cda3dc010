"""Features against IBSI's reference values, through this workflow's own resampler."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from taceflow.imaging import interpolation
from taceflow.radiomics.extract import extract_features
from taceflow.radiomics.panel import FEATURES, read_panel

DATA = Path(__file__).parent / "ibsi"

NO_COUNTERPART = {
    "original_firstorder_TotalEnergy",
    "original_glcm_MCC",
    "original_shape_Maximum2DDiameterColumn",
    "original_shape_Maximum2DDiameterRow",
    "original_shape_Maximum2DDiameterSlice",
}

KURTOSIS = {"original_firstorder_Kurtosis"}
"""PyRadiomics' kurtosis of a normal distribution is 3, IBSI's 0."""

AXES = {"original_shape_MinorAxisLength", "original_shape_LeastAxisLength"}
"""PyRadiomics divides the covariance of n voxels by n, IBSI by n - 1: 74 voxels show it."""

GREY_LEVELS = {"original_ngtdm_Busyness"} | {
    f"original_{name}_{feature}"
    for name, features in FEATURES.items()
    for feature in features
    if "GrayLevel" in feature and "Emphasis" in feature
}
GREY_LEVELS |= {f"original_glcm_{name}" for name in ("JointAverage", "SumAverage")}
GREY_LEVELS |= {"original_glcm_Autocorrelation"}
"""With a fixed bin size PyRadiomics counts grey levels from the lowest intensity in the mask (-939
HU is level 1), IBSI from the lower end of the range (-1000 HU is level 1): all are lower by two.
With ``greyLevelsFrom: range`` they are counted as IBSI does."""

MERGING = {
    "3D_avg": {},
    "3D_comb": {"weightingNorm": "no_weighting"},
    "2_5D_avg": {"force2D": True},
    "2_5D_comb": {"force2D": True, "weightingNorm": "no_weighting"},
}
"""How IBSI merges the directions of a texture, and PyRadiomics' settings for it."""


def counterparts(merging):
    """IBSI's tag of each PyRadiomics feature that has one."""
    table = pd.read_csv(DATA / "counterparts.csv")
    space = merging.rsplit("_", 1)[0]
    tags = [tag.format(merging=merging, space=space) for tag in table["tag"]]
    return dict(zip(table["feature"], tags, strict=True))


def outside(found, reference, merging):
    """The features that, rounded as IBSI prints, are outside the tolerance of the reference."""
    tags = counterparts(merging)
    value, tolerance = reference["value"], reference["tolerance"]
    missing = [tag for tag in tags.values() if tag not in reference.index]
    assert missing == []
    return {
        name
        for name, tag in tags.items()
        if abs(float(f"{found[name]:.3g}") - value[tag]) > tolerance[tag] * (1 + 1e-9) + 1e-12
    }


def reference_values(path):
    table = pd.read_csv(path, sep=";").rename(columns={"reference value": "value"})
    return table.dropna().set_index("tag")


def panel_of(root, name, **setting):
    panel = read_panel(root / "config" / "ibsi" / f"{name}.yaml")
    return dataclasses.replace(panel, setting=panel.setting | setting)


def on_grid(phantom, spacing_mm):
    """CT and mask as the workflow resamples them."""
    image, mask = phantom
    inside = interpolation.resample_mask(mask, spacing_mm, "linear")
    return interpolation.resample_ct(image, spacing_mm), inside


def features(phantom, panel, spacing_mm=(2.0, 2.0, 2.0)):
    ct, mask = on_grid(phantom, list(spacing_mm))
    return pd.Series(extract_features(ct, {"mask": mask}, panel)["mask"])


def image_and_mask(folder):
    image = sitk.ReadImage(str(folder / "nifti/image/phantom.nii.gz"))
    return image, sitk.ReadImage(str(folder / "nifti/mask/mask.nii.gz"), sitk.sitkUInt8)


@pytest.fixture(scope="module")
def ct_phantom(shared_data):
    return image_and_mask(shared_data / "ibsi/ct_phantom")


@pytest.fixture(scope="module")
def configuration_c(shared_data):
    return reference_values(shared_data / "ibsi/ct_phantom_config_c_reference.csv")


def test_every_feature_has_a_counterpart_or_none(root):
    named = set(counterparts("3D_avg"))
    assert len(named) == 102
    assert named | NO_COUNTERPART == set(panel_of(root, "c").columns)
    assert not named & NO_COUNTERPART
    assert len(GREY_LEVELS) == 22


@pytest.mark.parametrize("merging", MERGING)
def test_digital_phantom(shared_data, root, merging):
    image, mask = image_and_mask(shared_data / "ibsi/digital_phantom")
    reference = reference_values(shared_data / "ibsi/digital_phantom_reference.csv")
    panel = panel_of(root, "digital_phantom", **MERGING[merging])
    found = pd.Series(extract_features(image, {"mask": mask}, panel)["mask"])
    assert outside(found, reference, merging) == KURTOSIS | AXES
    voxels = np.count_nonzero(sitk.GetArrayViewFromImage(mask))
    found[list(AXES)] *= np.sqrt(voxels / (voxels - 1))
    found[list(KURTOSIS)] -= 3
    assert outside(found, reference, merging) == set()


@pytest.mark.parametrize("merging", ["3D_avg", "3D_comb"])
def test_ct_phantom_configuration_c(root, ct_phantom, configuration_c, merging):
    found = features(ct_phantom, panel_of(root, "c", **MERGING[merging]))
    assert outside(found, configuration_c, merging) == KURTOSIS
    found[list(KURTOSIS)] -= 3
    assert outside(found, configuration_c, merging) == set()


@pytest.mark.parametrize("merging", ["3D_avg", "3D_comb"])
def test_grey_levels_counted_from_the_minimum_are_pyradiomics_own(
    root, ct_phantom, configuration_c, merging
):
    panel = dataclasses.replace(panel_of(root, "c", **MERGING[merging]), lowest=None)
    assert outside(features(ct_phantom, panel), configuration_c, merging) == KURTOSIS | GREY_LEVELS


@pytest.mark.parametrize(
    ("configuration", "merging", "spacing_mm"),
    [
        ("a", "2_5D_avg", (0.9769999980926514, 0.9769999980926514, 3.0)),
        ("b", "2_5D_avg", (2.0, 2.0, 3.0)),
        ("d", "3D_avg", (2.0, 2.0, 2.0)),
    ],
)
def test_other_configurations(root, ct_phantom, configuration, merging, spacing_mm):
    # IBSI reference manual (arXiv 1612.07003), reference values of the CT phantom
    table = pd.read_csv(DATA / "ct_phantom.csv")
    reference = table[table["configuration"] == configuration].set_index("tag")
    assert len(reference) == 102
    found = features(ct_phantom, panel_of(root, configuration), spacing_mm)
    assert outside(found, reference, merging) == KURTOSIS


SHIFTS = {
    "x": (0.5, 0.0, 0.0),
    "y": (0.0, 0.5, 0.0),
    "z": (0.0, 0.0, 0.5),
    "back": (-0.5, -0.5, -0.5),
}


@pytest.mark.parametrize("shift", [*SHIFTS, "corner"])
def test_a_grid_off_by_half_a_voxel_is_seen(root, ct_phantom, configuration_c, monkeypatch, shift):
    centred = interpolation.target_grid

    def moved(image, spacing_mm):
        grid = centred(image, spacing_mm)
        if shift == "corner":  # the first voxels' centres meet, not the volumes'
            grid.first.SetOrigin(image.GetOrigin())
        else:
            first = grid.first
            first.SetOrigin(first.TransformContinuousIndexToPhysicalPoint(SHIFTS[shift]))
        return grid

    monkeypatch.setattr(interpolation, "target_grid", moved)
    found = features(ct_phantom, panel_of(root, "c"))
    new = outside(found, configuration_c, "3D_avg") - KURTOSIS
    assert len(new) >= 10


def test_the_docs_name_every_exception(root):
    page = (root / "docs" / "radiomics.md").read_text()
    named = KURTOSIS | AXES | NO_COUNTERPART | {one for one in GREY_LEVELS if "Gray" not in one}
    assert [name for name in sorted(named) if name.split("_")[-1] not in page] == []
    assert f"the {sum('Gray' in one for one in GREY_LEVELS)} emphases" in page
