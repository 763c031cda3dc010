"""NIfTI in one file and in two, in both orders of bytes."""

import gzip
import struct
import zlib

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import ExclusionError


@pytest.mark.parametrize("gzipped", [False, True])
@pytest.mark.parametrize("header", ["ct.mhd", "ct.nhdr", "ct.hdr", "ct.img"])
def test_voxels_in_a_file_of_their_own_are_as_many_as_the_header_names(
    load, volume, tmp_path, header, gzipped
):
    """SimpleITK fills what lacks of a pair of NIfTI with 0, and passes over what is too much."""
    path = tmp_path / header
    sitk.WriteImage(volume, str(path), useCompression=gzipped)
    (voxels,) = [
        file for file in tmp_path.iterdir() if file.suffix not in (".mhd", ".nhdr", ".hdr")
    ]
    assert (sitk.GetArrayFromImage(load(path)) == sitk.GetArrayFromImage(volume)).all()
    content = voxels.read_bytes()
    packed = {b"\x1f\x8b": gzip, b"\x78": zlib}
    tool = next((tool for start, tool in packed.items() if content.startswith(start)), None)
    if tool:
        content = tool.decompress(content)
    for changed, words in (
        (content[:-100], r"ends early|cannot be read"),
        (content + bytes(300), "holds 300 bytes more than its header names"),
    ):
        voxels.write_bytes(tool.compress(changed) if tool else changed)
        with pytest.raises(ExclusionError, match=words):
            load(path)


@pytest.mark.parametrize("order", "<>")
def test_nifti_of_both_orders_scaled(load, volume, tmp_path, order):
    """Written byte by byte: 16 bits, scaled by 2 and moved by -1000."""
    stored = np.arange(9 * 12 * 15).reshape(9, 12, 15).astype(f"{order}i2")
    header = bytearray(352)
    for form, place, *values in (
        ("i", 0, 348),
        ("8h", 40, 3, 15, 12, 9, 1, 1, 1, 1),
        ("hh", 70, 4, 16),
        ("8f", 76, 1, 2, 2, 5, 0, 0, 0, 0),
        ("3f", 108, 352, 2, -1000),
        ("hh", 252, 0, 1),
        ("12f", 280, -2, 0, 0, 10, 0, -2, 0, 20, 0, 0, 5, 30),
        ("4s", 344, b"n+1\0"),
    ):
        struct.pack_into(order + form, header, place, *values)
    path = tmp_path / "ct.nii"
    path.write_bytes(header + stored.tobytes())
    image = load(path)
    assert (sitk.GetArrayFromImage(image) == stored.astype(int) * 2 - 1000).all()
    assert image.GetSpacing() == (2, 2, 5)
    assert image.GetOrigin() == (-10, -20, 30)
