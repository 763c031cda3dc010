import numpy as np
import pytest
import SimpleITK as sitk
import torch

from taceflow.dlopctr.convolutions.images import (
    augmented_view,
    choose_slices,
    read_patch,
    slice_images,
)
from taceflow.errors import InputError


def write(path, values):
    image = sitk.GetImageFromArray(np.asarray(values, dtype=np.float32))
    sitk.WriteImage(image, str(path))
    return str(path)


@pytest.fixture
def values():
    return np.random.default_rng(0).uniform(0, 1, (6, 9, 7)).astype(np.float32)


def test_a_patch_is_read_slices_first(tmp_path, values):
    read, spacing_mm = read_patch(write(tmp_path / "P1.nii.gz", values), "P1")
    np.testing.assert_array_equal(read, values)
    assert spacing_mm == 1.0


def spoil(values, what):
    values = values.copy()
    if what == "nan":
        values[2, 3, 4] = np.nan
    elif what == "constant":
        values[:] = 0.4
    elif what == "one slice":
        values = values[:1]
    elif what == "HU":
        values = values * 400
    return values


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("nan", "1 value that is not finite"),
        ("constant", "constant"),
        ("one slice", "one axial slice"),
        ("HU", "grey values in"),
    ],
)
def test_a_patch_that_cannot_be_used_names_patient_and_file(tmp_path, values, what, message):
    # ITK's NIfTI reader turns NaN into 0, its MetaImage reader does not
    path = write(tmp_path / "P7.mha", spoil(values, what))
    with pytest.raises(InputError, match=rf"patient P7: .*{message}.*P7\.mha"):
        read_patch(path, "P7")


def test_a_file_that_is_no_image(tmp_path):
    (tmp_path / "P7.nii.gz").write_bytes(b"")
    with pytest.raises(
        InputError, match=r"a file of this run is empty.*P7.nii.gz.*Delete the file"
    ):
        read_patch(str(tmp_path / "P7.nii.gz"), "P7")


@pytest.mark.parametrize(
    ("depth", "slices", "margin", "expected"),
    [
        (40, 3, 5, [10, 20, 30]),  # thirds of 5..34, their middles
        (14, 6, 5, [5, 6, 7, 8]),  # fewer slices than wanted: all
        (9, 2, 5, [2, 6]),  # nothing but margin
        (11, 1, 5, [5]),
    ],
)
def test_slices_are_spread_over_the_tumour(depth, slices, margin, expected):
    np.testing.assert_array_equal(choose_slices(depth, slices, margin), expected)


def test_resizing_keeps_a_ramp_and_its_place():
    ramp = np.broadcast_to(np.linspace(0, 1, 56, dtype=np.float32), (2, 56, 56))
    image = slice_images(ramp, np.array([1]))
    assert image.shape == (1, 1, 224, 224)
    expected = np.interp((np.arange(224) + 0.5) / 4 - 0.5, np.arange(56), np.linspace(0, 1, 56))
    np.testing.assert_allclose(image[0, 0, 100], expected, atol=1e-6)


def test_view_0_is_the_image_and_others_are_draws_of_the_patient(values):
    images = slice_images(values, np.arange(3))
    assert augmented_view(images, "P1", 0, 3) is images
    first = augmented_view(images, "P1", 1, 3)
    torch.testing.assert_close(first, augmented_view(images, "P1", 1, 3), rtol=0, atol=0)
    for patient, view, seed in (("P2", 1, 3), ("P1", 2, 3), ("P1", 1, 4)):
        assert not torch.equal(first, augmented_view(images, patient, view, seed))
    assert first.min() >= 0
    assert first.max() <= 1


def test_a_view_does_not_depend_on_the_other_images(values):
    images = slice_images(values, np.arange(3))
    one, all_three = (augmented_view(part, "P1", 1, 3) for part in (images[:1], images))
    torch.testing.assert_close(one[0], all_three[0], rtol=0, atol=0)


def test_a_view_stays_close_to_the_image():
    # a disc in the middle looks the same after any flip and any rotation
    y, x = np.indices((50, 50)) - 24.5
    disc = np.where(np.hypot(x, y) < 15, 0.7, 0.4).astype(np.float32)
    images = slice_images(disc[None].repeat(2, axis=0), np.array([0, 1]))
    for view in range(1, 6):
        assert (augmented_view(images, "P1", view, 0) - images).abs().mean() < 0.1
