"""The slices that a reader judges: what is seen lies where it lies, and weighs little."""

import base64
import json
import re
import time
from io import BytesIO

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image

from taceflow.imaging.quality.slices import outline, slices, write_slices
from taceflow.imaging.quality.volumes import Volumes, read_volumes


def volumes(hu, spacing_mm=(5.0, 1.0, 1.0), **masks):
    masks = {f"reader{name[1]}-{name[3]}": mask for name, mask in masks.items()}
    return Volumes(hu=hu, masks=masks, spacing_mm=spacing_mm, origin_mm=(100.0, 0.0, 0.0))


def hu_of(content, place):
    """The HU of a slice, as the page computes them."""
    levels = Image.open(BytesIO(base64.b64decode(content["images"][place])))
    assert levels.mode == "L"
    return np.interp(np.asarray(levels), content["grey"], content["hu"])


def filled(path, rows, columns):
    """The voxels inside a path: between its first and second upright face, and so on."""
    faces = np.zeros((rows, columns + 1), int)
    for x, y, length in re.findall(r"M(\d+) (\d+)v(\d+)", path):
        faces[int(y) : int(y) + int(length), int(x)] += 1
    assert faces.max(initial=0) <= 1
    return np.cumsum(faces, axis=1)[:, :-1] % 2 == 1


def test_an_outline_goes_around_every_voxel_and_no_other():
    drawn = np.random.default_rng(3)
    for share in (0.0, 0.03, 0.5, 0.97, 1.0):
        mask = drawn.random((17, 23)) < share
        path = outline(mask)
        assert (filled(path, *mask.shape) == mask).all()
        # the lying faces are the upright ones of the mask on its side
        lying = [(y, x, n) for x, y, n in re.findall(r"M(\d+) (\d+)h(\d+)", path)]
        turned = [re.match(r"(\d+) (\d+)v(\d+)", one) for one in outline(mask.T).split("M")]
        assert lying == [one.groups() for one in turned if one]


@pytest.mark.parametrize("stored", ["LPS", "RAS", "LAI", "SAR", "PIR"])
def test_the_contour_lies_on_the_lesion_however_the_volume_was_stored(images, tmp_path, stored):
    ct = sitk.GetArrayFromImage(images["ct"])
    mask = sitk.GetArrayFromImage(images["mask_reader1-1"]).astype(bool)
    ct[mask] = 200
    images["ct"], spaced = sitk.GetImageFromArray(ct), images["ct"]
    images["ct"].CopyInformation(spaced)
    for name, image in images.items():
        sitk.WriteImage(sitk.DICOMOrient(image, stored), str(tmp_path / f"{name}.nii.gz"))
    content = slices(read_volumes(tmp_path))
    shape = content["rows"], content["columns"]
    assert content["numbers"][content["first"]] == 8
    for place, path in enumerate(content["outlines"]["reader1-1"]):
        if not path:
            continue
        bright = hu_of(content, place) > 130
        seen = np.asarray(
            Image.fromarray(filled(path, *shape)).resize(
                bright.shape[::-1], Image.Resampling.NEAREST
            )
        )
        assert 2 * (bright & seen).sum() > 0.95 * (bright.sum() + seen.sum())
        # right of the patient is left of the picture, the front above
        row, column = np.argwhere(bright).mean(axis=0) / bright.shape
        assert column < 0.5 < 1 - row


def test_a_pixel_is_square_where_a_voxel_is_not():
    mask = np.zeros((6, 100, 100), bool)
    mask[2:4, 40:60, 40:60] = True
    content = slices(volumes(np.zeros(mask.shape, np.int16), (5.0, 0.5, 1.5), r1_1=mask))
    assert (content["rows"], content["columns"]) == (100, 100)
    assert (content["height_mm"], content["width_mm"]) == (50.0, 150.0)
    assert hu_of(content, 0).shape == (33, 100)


def test_hu_come_back_within_what_a_window_shows():
    _, y, x = np.indices((3, 160, 160))
    hu = (-1000 + 2400 * x / 159 + 4 * np.sin(y)).astype(np.int16)
    mask = np.zeros(hu.shape, bool)
    mask[1, 70:90, 70:90] = True
    content = slices(volumes(hu, r1_1=mask))
    error = np.abs(hu_of(content, 1) - hu[1])
    soft = (hu[1] > -150) & (hu[1] < 280)
    assert np.percentile(error[soft], 99) < 8  # of a window of 300
    assert np.percentile(error[~soft], 99) < 60  # of windows of 1,500 and more


def test_every_slice_of_all_readings_is_shown_with_one_beyond_each_end():
    hu = np.zeros((30, 90, 200), np.int16)
    first, second = (np.zeros(hu.shape, bool) for _ in range(2))
    first[10:14, 40:44, 10:14], second[20, 80:90, 190:200] = True, True
    content = slices(volumes(hu, r1_1=first, r2_1=second))
    assert content["numbers"] == list(range(10, 23))
    assert content["z_mm"][0] == 100.0 + 9 * 5
    assert content["of"] == 30
    # both are within the view
    shape = content["rows"], content["columns"]
    sums = {
        name: sum(filled(path, *shape).sum() for path in paths)
        for name, paths in content["outlines"].items()
    }
    assert sums == {"reader1-1": first.sum(), "reader2-1": second.sum()}
    assert content["outlines"]["reader2-1"].count("") == 12


def test_a_large_scan_weighs_little_and_takes_little_time(tmp_path):
    slice_ = np.random.default_rng(1).normal(60, 20, (512, 512)).astype(np.int16)
    noise = np.stack([np.roll(slice_, 37 * number, axis=1) for number in range(300)])
    z, y, x = np.indices(noise.shape, sparse=True)
    away = ((z - 150) * 1.0) ** 2 + ((y - 250) * 0.7) ** 2 + ((x - 250) * 0.7) ** 2
    masks = {f"r{reader}_1": away < (60 - reader) ** 2 for reader in (1, 2)}
    began = time.process_time()
    script = tmp_path / "P1.js"
    write_slices(volumes(noise, (1.0, 0.7, 0.7), **masks), "P1", str(script))
    assert time.process_time() - began < 2  # 0.6 on a core that does nothing else
    assert script.stat().st_size < 550_000
    text = script.read_text()
    content = json.loads(text.removeprefix("taceflowSlices(").removesuffix(");\n"))
    assert content["patient"] == "P1"
    # forty of 130, evenly, from one end to the other
    numbers = content["numbers"]
    assert (len(numbers), numbers[0], numbers[-1]) == (40, 88, 214)
    assert set(np.diff(numbers)) == {3, 4}
