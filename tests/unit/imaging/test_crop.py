"""What is kept of the 1 mm volume: a part of the same grid, with what is known of the rest."""

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import InputError
from taceflow.files.volumes.file import place
from taceflow.files.volumes.stored import write_volume
from taceflow.imaging.crop import Crop, Reach, box_of
from taceflow.imaging.interpolation import place_part, resample_ct, resample_mask, target_grid
from taceflow.imaging.resample import resample_patient

MM = [1.0, 1.0, 1.0]
REACH = Reach(mm=3.0, voxels=4, goes_round=4)
TURNS = {
    "upright": np.eye(3),
    "turned": np.array([[0, 1, 0], [0, 0, -1], [1, 0, 0]]),
    "oblique": np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]]),
}


@pytest.fixture
def random():
    return np.random.default_rng(3)


def scan(random, spacing, turn="upright", shape=(14, 30, 26)):
    image = sitk.GetImageFromArray(random.integers(-1000, 900, shape).astype(np.int16))
    image.SetSpacing(spacing)
    image.SetOrigin((-171.3, 88.7, 1013.9))
    image.SetDirection(TURNS[turn].ravel().astype(float).tolist())
    return image


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("spacing", [(0.5, 0.5, 2.5), (0.78125, 0.78125, 5.0), (1.5, 2.5, 0.7)])
def test_a_part_is_what_the_whole_has_there(random, spacing, turn):
    """Ties between two old voxels, many at these spacings, are broken as in the whole."""
    ct = scan(random, spacing, turn)
    mask = sitk.Cast(ct > 0, sitk.sitkUInt8)
    for image, resample in (
        (ct, resample_ct),
        (mask, lambda *given: resample_mask(*given[:2], "nearest", *given[2:])),
        (mask, lambda *given: resample_mask(*given[:2], "linear", *given[2:])),
    ):
        whole = resample(image, MM)
        size = np.array(whole.GetSize())
        low = size // 3
        region = low, np.maximum(size // 2, 1)
        part = resample(image, MM, region)
        expected = sitk.RegionOfInterest(whole, region[1].tolist(), low.tolist())
        np.testing.assert_array_equal(*map(sitk.GetArrayFromImage, (part, expected)))
        np.testing.assert_allclose(part.GetOrigin(), expected.GetOrigin(), atol=1e-9)


@pytest.mark.parametrize("turn", ["upright", "turned"])
@pytest.mark.parametrize("spacing", [(0.5, 0.5, 2.5), (0.7421875, 0.7421875, 3.0), (2.0, 3.0, 0.3)])
def test_the_nearest_voxel_is_the_one_that_simpleitk_takes(random, spacing, turn):
    mask = sitk.Cast(scan(random, spacing, turn) > 0, sitk.sitkUInt8)
    resampler = sitk.ResampleImageFilter()
    grid = target_grid(mask, MM)
    reference = sitk.Image(grid.size, sitk.sitkUInt8)
    for name in ("Spacing", "Origin", "Direction"):
        getattr(reference, f"Set{name}")(getattr(grid.first, f"Get{name}")())
    resampler.SetReferenceImage(reference)
    resampler.SetInterpolator(sitk.sitkNearestNeighbor)
    resampler.UseNearestNeighborExtrapolatorOn()
    expected = resampler.Execute(mask)
    np.testing.assert_array_equal(*map(sitk.GetArrayFromImage, (resample_mask(mask, MM), expected)))


@pytest.mark.parametrize("start", [(0, 0, 0), (110, 3, 11)])
def test_a_part_lies_where_a_file_puts_it_in_the_whole(random, start, tmp_path):
    """Single precision and all: between a part and the whole no voxel is moved."""
    grid = target_grid(scan(random, (0.71, 0.73, 2.9)), MM)
    low = np.array(start)
    part = place_part(np.zeros((4, 5, 6), np.uint8), grid, low)
    whole = place(np.zeros(grid.size[::-1], np.uint8), grid.first)
    for name, image in (("part", part), ("whole", whole)):
        write_volume(image, tmp_path / f"{name}.nii.gz")
    part, whole = (sitk.ReadImage(str(tmp_path / f"{name}.nii.gz")) for name in ("part", "whole"))
    assert part.GetOrigin() == whole.TransformIndexToPhysicalPoint(start)


def write_patient(folder, ct, **boxes):
    """Write a CT and masks that are boxes of slices, rows, columns."""
    write_volume(ct, folder / "ct.nii.gz")
    for name, box in boxes.items():
        values = np.zeros(ct.GetSize()[::-1], np.uint8)
        values[box] = 1
        mask = sitk.GetImageFromArray(values)
        mask.CopyInformation(ct)
        write_volume(mask, folder / f"mask_{name.replace('_', '-')}.nii.gz")
    return folder


def resampled(folder, reach, interpolation="nearest"):
    target = folder.parent / f"resampled-{reach is None}"
    resample_patient(
        volumes=str(folder),
        resampled=str(target),
        spacing_mm=MM,
        mask_interpolation=interpolation,
        reach=reach,
    )
    return {file.name: sitk.ReadImage(str(file)) for file in target.glob("*.nii.gz")}, Crop.read(
        target
    )


INNER = np.s_[6:8, 10:16, 9:14]
CORNER = np.s_[0:2, 10:16, 20:26]
FAR = {"reader1_1": np.s_[1:3, 3:6, 3:6], "reader2_1": np.s_[11:13, 24:28, 20:24]}


@pytest.mark.parametrize("interpolation", ["nearest", "linear"])
@pytest.mark.parametrize("boxes", [{"reader1_1": INNER}, {"reader1_1": CORNER}, FAR])
def test_what_is_kept_is_a_part_of_the_whole_volume(random, boxes, interpolation, tmp_path):
    folder = write_patient(tmp_path / "P1", scan(random, (2.0, 2.0, 5.0)), **boxes)
    parts, cut = resampled(folder, REACH, interpolation)
    wholes, everything = resampled(folder, None, interpolation)
    assert everything.size == everything.whole_size == wholes["ct.nii.gz"].GetSize()
    assert cut.whole_size == everything.size
    assert everything.largest_hu == cut.largest_hu
    assert set(parts) == set(wholes)
    for name, part in parts.items():
        expected = sitk.RegionOfInterest(wholes[name], cut.size, cut.start)
        np.testing.assert_array_equal(*map(sitk.GetArrayFromImage, (part, expected)))
        if name != "ct.nii.gz":
            assert sitk.GetArrayFromImage(part).sum() == sitk.GetArrayFromImage(wholes[name]).sum()


def test_as_much_is_kept_as_was_asked_for(random, tmp_path):
    """3 mm, but at least 4 voxels around; the wavelets of a tumour at the border go round."""
    folder = write_patient(tmp_path / "P1", scan(random, (2.0, 2.0, 5.0)), reader1_1=INNER)
    _, cut = resampled(folder, REACH)
    assert (cut.start, cut.size) == ((18 - 4, 20 - 4, 30 - 4), (10 + 8, 12 + 8, 10 + 8))
    _, cut = resampled(folder, Reach(mm=7.5, voxels=4, goes_round=4))
    assert (cut.start, cut.size) == ((18 - 8, 20 - 8, 30 - 8), (10 + 16, 12 + 16, 10 + 16))
    moved = Reach(mm=3.0, voxels=4, goes_round=4, moved_mm=0.5, moved_share=0.1)
    _, cut = resampled(folder, moved)
    assert cut.start == (18 - 4 - 4, 20 - 4 - 4, 30 - 4 - 4)  # 0.5 + 0.1 x 12 mm, rounded up, and 2
    folder = write_patient(tmp_path / "P2", scan(random, (2.0, 2.0, 5.0)), reader1_1=CORNER)
    _, cut = resampled(folder, REACH)
    assert (cut.start, cut.size) == ((0, 20 - 4, 0), (52, 12 + 8, 70))
    _, cut = resampled(folder, Reach(mm=3.0, voxels=1, goes_round=0))
    assert (cut.start, cut.size) == ((40 - 3, 20 - 3, 0), (12 + 3, 12 + 6, 10 + 3))


@pytest.mark.parametrize("bright", [(0, 0, 0), (13, 29, 25), (3, 15, 16), (5, 16, 25)])
@pytest.mark.parametrize("hu", [3071, -3024])
def test_the_largest_hu_is_that_of_the_whole_volume(random, bright, hu, tmp_path):
    """In a corner, or where two blocks meet; alone, or among larger ones."""
    for number, others in enumerate((1.0, 3.2)):
        ct = scan(random, (0.8, 0.7, 2.9)) * others
        ct[bright[::-1]] = hu
        ct = sitk.Cast(ct, sitk.sitkInt16)
        folder = write_patient(tmp_path / f"{number}", ct, reader1_1=INNER)
        wholes, everything = resampled(folder, None)
        assert resampled(folder, REACH)[1].largest_hu == everything.largest_hu
        assert everything.largest_hu == np.abs(sitk.GetArrayFromImage(wholes["ct.nii.gz"])).max()


def test_a_look_beyond_what_was_kept_is_refused():
    cut = Crop((10, 10, 0), (20, 20, 20), (40, 40, 40), 1000.0)
    inside = np.array([8, 8, 4]), np.array([4, 4, 4])
    cut.check(inside, Reach(mm=8.0, voxels=0, goes_round=0), MM)
    cut.check(inside, REACH, MM)
    for side, reach in (
        (inside, Reach(mm=8.1, voxels=0, goes_round=0)),
        (inside, Reach(mm=1.0, voxels=9, goes_round=0)),
        (
            inside,
            Reach(mm=1.0, voxels=1, goes_round=5),
        ),  # from the lowest to the highest
        ((np.array([8, 8, 4]), np.array([9, 4, 4])), Reach(mm=4.0, voxels=0, goes_round=0)),
    ):
        with pytest.raises(InputError, match="cut closer to the tumour"):
            cut.check(side, reach, MM)


@pytest.mark.parametrize("box", [np.s_[2:5, 0:1, 3:9], np.s_[0:6, 7:8, 9:10]])
def test_the_box_around_what_is_not_zero(box):
    mask = np.zeros((6, 8, 10), np.uint8)
    assert box_of(mask)[1].tolist() == [0, 0, 0]
    mask[box] = 1
    low, size = box_of(mask)
    assert low.tolist() == [side.start for side in box[::-1]]
    assert (low + size).tolist() == [side.stop for side in box[::-1]]
