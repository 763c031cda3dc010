"""The five texture matrices equal PyRadiomics' own, count for count."""

import numpy as np
import pytest
from radiomics import cMatrices
from scipy import ndimage

from taceflow.errors import InputError
from taceflow.radiomics.compiled import library
from taceflow.radiomics.matrices import TextureMatrices

CLASSES = ("glcm", "glrlm", "glszm", "gldm", "ngtdm")


def own(levels, most, setting):
    matrices = TextureMatrices(levels, most, setting, library())
    return {name: getattr(matrices, f"calculate_{name}")() for name in CLASSES}


def pyradiomics(levels, most, setting):
    flat = setting.get("force2D", False), setting.get("force2Ddimension", 0)
    distances, mask = np.array(setting.get("distances", [1])), levels > 0
    alpha = setting.get("gldm_a", 0)
    return {
        "glcm": cMatrices.calculate_glcm(levels, mask, distances, most, *flat),
        "glrlm": cMatrices.calculate_glrlm(levels, mask, most, max(levels.shape), *flat),
        "glszm": cMatrices.calculate_glszm(levels, mask, most, int(mask.sum()), *flat),
        "gldm": cMatrices.calculate_gldm(levels, mask, distances, most, alpha, *flat),
        "ngtdm": cMatrices.calculate_ngtdm(levels, mask, distances, most, *flat),
    }


def assert_same(levels, setting):
    most = int(levels.max())
    found, expected = own(levels, most, setting), pyradiomics(levels, most, setting)
    for name in CLASSES:
        pairs = [(found[name], expected[name])]
        if isinstance(expected[name], tuple):  # the directions too
            pairs = list(zip(found[name], expected[name], strict=True))
        for one, other in pairs:
            np.testing.assert_array_equal(one, other, err_msg=name, strict=True)
            # sums depend on the order in memory
            assert one.flags.c_contiguous == other.flags.c_contiguous == True  # noqa: E712


def assert_neither(levels, setting):
    with pytest.raises(RuntimeError, match="angle count"):
        pyradiomics(levels, 1, setting)
    with pytest.raises(InputError, match="Take shorter distances"):
        own(levels, 1, setting)


def masks():
    random = np.random.default_rng(2)
    sparse = np.zeros((9, 10, 11), bool)
    sparse[::3, ::3, ::3] = True
    slanted = np.zeros((7, 7, 7), bool)
    slanted[range(7), range(7)] = True
    return {
        "one slice": random.random((1, 9, 12)) < 0.8,
        "one sagittal slice": random.random((9, 12, 1)) < 0.8,
        "one slice of a larger box": np.pad(np.ones((1, 6, 7), bool), ((2, 3), (0, 0), (0, 0))),
        "a slanted plane": slanted,
        "no two voxels beside each other": sparse,
        "two far tumours": np.pad(np.ones((3, 3, 3), bool), (0, 9))
        | np.pad(np.ones((3, 3, 3), bool), (9, 0)),
        "two voxels": np.array([[[True, False], [False, True]]]),
        "full": np.ones((6, 7, 8), bool),
        "holes": random.random((8, 9, 10)) < 0.5,
        "a lobulated tumour": ndimage.gaussian_filter(random.random((24, 25, 26)), 3) > 0.5,
    }


SETTINGS = {
    "3D": {},
    "2D": {"force2D": True},
    "2D, columns": {"force2D": True, "force2Ddimension": 2},
    "two distances": {"distances": [1, 2]},
    "a far distance": {"distances": [2]},
    "alike": {"gldm_a": 2},
}


@pytest.mark.parametrize("count", [1, 3, 40])
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("mask", masks())
def test_matrices_are_pyradiomics_own(mask, setting, count):
    inside, setting = masks()[mask], SETTINGS[setting]
    if setting.get("distances") == [2] and mask == "two voxels":
        assert_neither(inside.astype(int), setting)
        return
    noise = np.random.default_rng(4).integers(1, count + 1, inside.shape)
    smooth = ndimage.gaussian_filter(noise.astype(float), 1.2).astype(int)
    for values in (noise, np.clip(smooth, 1, count)):
        assert_same(np.where(inside, values, 0), setting)


def test_many_masks_at_random():
    random = np.random.default_rng(9)
    compared = 0
    for _ in range(300):
        inside = random.random(random.integers(2, 12, 3)) < random.choice([0.1, 0.5, 0.9, 1.0])
        setting = {"force2D": bool(random.random() < 0.3), "gldm_a": int(random.integers(0, 3))}
        setting["force2Ddimension"] = int(random.integers(0, 3))
        levels = np.where(inside, random.integers(1, random.choice([3, 9, 99]), inside.shape), 0)
        if inside.sum() > 1:
            assert_same(levels, setting)
            compared += 1
    assert compared > 280


def test_distances_beyond_the_mask_are_told():
    assert_neither(np.ones((2, 3, 3), int), {"distances": [4]})
    with pytest.raises(InputError, match=r"3 x 3 x 2 voxels are setting\.distances \[4\] apart"):
        own(np.ones((2, 3, 3), int), 1, {"distances": [4]})
