"""Files of any kind are read to their last voxel, or refused."""

import gzip
import itertools
import os
import struct

import pytest
import SimpleITK as sitk

from taceflow.errors import ExclusionError


@pytest.mark.parametrize("suffix", ["nii", "nii.gz"])
def test_a_file_that_a_transfer_cut_off_is_refused(load, volume, tmp_path, suffix, written):
    path = written(volume, tmp_path / f"ct.{suffix}")
    content = path.read_bytes() if suffix == "nii" else gzip.decompress(path.read_bytes())
    half = content[: len(content) // 2]
    path.write_bytes(half if suffix == "nii" else gzip.compress(half))
    with pytest.raises(ExclusionError, match=r"ends early|cannot be read"):
        load(path)


@pytest.mark.parametrize("surplus", [1, 30, 4 * 15 * 12 * 2])
@pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd", "mha"])
def test_bytes_that_the_header_does_not_name_are_refused(load, volume, tmp_path, suffix, surplus):
    """Of a transfer in text mode, or of a header of fewer slices: which are the voxels?"""
    path = tmp_path / f"ct.{suffix}"
    sitk.WriteImage(volume, str(path), useCompression=False)
    content = path.read_bytes()
    if suffix == "nii.gz":
        path.write_bytes(gzip.compress(gzip.decompress(content) + bytes(surplus)))
    else:
        path.write_bytes(content + bytes(surplus))
    with pytest.raises(ExclusionError, match=f"holds {surplus} bytes more than its header names"):
        load(path)


def test_an_orientation_that_is_not_stated_is_noted(load, volume, tmp_path, written):
    path = written(volume, tmp_path / "ct.nii")
    assert load.whole(path).choice["notes"] == ""
    header = bytearray(path.read_bytes())
    struct.pack_into("<hh", header, 252, 0, 0)
    path.write_bytes(header)
    assert "states no orientation" in load.whole(path).choice["notes"]


def test_a_file_that_unpacks_without_end_is_not_read_to_its_end(load, volume, tmp_path, written):
    """64 KB of gzip hold 64 MB of zeros behind the voxels; a header of 4 GB is refused as such."""
    path = written(volume, tmp_path / "ct.nii")
    bomb = tmp_path / "bomb.nii.gz"
    bomb.write_bytes(gzip.compress(path.read_bytes() + bytes(1 << 26)))
    with pytest.raises(ExclusionError, match=r"holds 1\d{7} bytes more than its header names"):
        load(bomb)
    header = bytearray(path.read_bytes())
    struct.pack_into("<3h", header, 42, 2048, 1024, 1025)
    bomb.write_bytes(gzip.compress(header))
    with pytest.raises(ExclusionError, match="its header names 2,149,580,800 voxels"):
        load(bomb)
    struct.pack_into("<5h", header, 40, 4, 2048, 1024, 513, 2)
    bomb.write_bytes(gzip.compress(header))
    with pytest.raises(ExclusionError, match="its header names 2,151,677,952 values"):
        load(bomb)


def test_pipes_and_devices_are_not_opened(load, tmp_path):
    pipe = tmp_path / "ct.nii.gz"
    os.mkfifo(pipe)
    for endless in (pipe, "/dev/zero"):
        with pytest.raises(ExclusionError, match="neither a file nor a folder"):
            load(endless)


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        *itertools.product(["nii", "nii.gz", "nrrd", "mha"], ["<i2", "<f4", "<u2", "<i8", "<i4"]),
        *itertools.product(["nrrd", "mha"], [">i2", ">f8"]),
    ],
)
def test_every_kind_and_order_of_bytes(load, volume, tmp_path, suffix, kind, written):
    values = sitk.GetArrayFromImage(volume).clip(0, 1500).astype(kind)
    image = sitk.GetImageFromArray(values.astype(kind[1:]))
    image.CopyInformation(volume)
    path = written(image, tmp_path / f"ct.{suffix}")
    if kind[0] == ">":
        swapped = path.read_bytes().replace(b"OrderMSB = False", b"OrderMSB = True")
        swapped = swapped.replace(b"endian: little", b"endian: big")
        path.write_bytes(swapped[: -values.nbytes] + values.tobytes())
    assert (sitk.GetArrayFromImage(load(path)) == values).all()
