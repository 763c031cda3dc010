"""Headers whose grid cannot be believed."""

import gzip
import struct

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from taceflow.errors import ExclusionError

NO_SPACING = "voxel spacing"

NAN = float("nan")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        # (format, place in the header, values); 252 and 254: the codes of qform and sform
        ([("<h", 254, 0), ("<f", 88, 0.0)], NO_SPACING),
        ([("<h", 254, 0), ("<f", 80, NAN)], NO_SPACING),
        ([("<hh", 252, 0, 0), ("<f", 88, -5.0)], NO_SPACING),
        ([("<f", 88, 2.5)], "sform states voxels of 0.7 x 0.8 x 5 mm, its pixdim of 0.7 x 0.8 x 2"),
        ([("<12f", 280, *[0.0] * 12)], "sform states voxels of 0 x 0 x 0 mm"),
        ([("<h", 252, 0), ("<f", 284, 0.5)], "cannot be read|right angles"),
        ([("<f", 280, NAN)], "is no number"),
        ([("<h", 254, 0), ("<3f", 256, NAN, NAN, NAN)], "is no number"),
        ([("<h", 254, 0), ("<3f", 256, 2, 2, 2)], "qform is no rotation"),
        ([("<3h", 42, 32_000, 32_000, 32_000)], "names 32,768,000,000,000 voxels"),
        ([("<f", 80, 0.0007), ("<f", 280, -0.0007)], "is the spacing in mm"),
        # two geometries: a mirror, a shear, a shift, a turn; SimpleITK takes one without a word
        ([("<f", 280, 0.7), ("<f", 292, -120.5)], "its qform and its sform disagree"),
        ([("<h", 254, 2), ("<f", 280, 0.7)], "its qform and its sform disagree"),
        ([("<f", 284, 0.3)], "its qform and its sform disagree|sform states voxels"),
        ([("<f", 284, 0.02)], "its qform and its sform disagree"),
        ([("<f", 292, 123.0)], "its qform and its sform disagree"),
        ([("<f", 268, 125.0)], "its qform and its sform disagree"),
        ([("<f", 256, 0.05)], "its qform and its sform disagree"),
        ([("<f", 76, -1.0)], "its qform and its sform disagree"),
        ([("<f", 256, NAN)], "is no number"),
        ([("<f", 108, 0.0)], "its header puts the first voxel at byte 0"),
        ([("<f", 108, 348.0)], "its header puts the first voxel at byte 348"),
        ([("<f", 108, -5.0)], "its header puts the first voxel at byte -5"),
        ([("<f", 108, NAN)], "its header puts the first voxel at byte nan"),
        ([("<f", 108, 1e30)], "its header puts the first voxel at byte 1e"),
        ([("<h", 46, 8)], "holds 360 bytes more than its header names"),
    ],
)
@pytest.mark.parametrize("suffix", ["nii", "nii.gz"])
def test_a_nifti_header_is_not_mended_silently(
    load, volume, tmp_path, changes, words, suffix, written
):
    path = written(volume, tmp_path / "ct.nii")
    header = bytearray(path.read_bytes())
    for form, place, *values in changes:
        struct.pack_into(form, header, place, *values)
    path = tmp_path / f"changed.{suffix}"
    path.write_bytes(header if suffix == "nii" else gzip.compress(header))
    with pytest.raises(ExclusionError, match=words):
        load(path)


@pytest.mark.parametrize("angle", [0.0, 5e-4, 2e-3, 8e-3, 0.3, np.pi - 8e-3, np.pi])
def test_a_qform_of_single_precision_agrees_with_its_sform(load, volume, tmp_path, angle, written):
    """Half a turn leaves the least of a quaternion's digits."""
    for axes in ([0, 0, 1], [0.6, 0, 0.8], [0, 1, 0]):
        turn = Rotation.from_rotvec(angle * np.array(axes))
        volume.SetDirection(turn.as_matrix().ravel().tolist())
        path = written(volume, tmp_path / "ct.nii")
        assert struct.unpack_from("<hh", path.read_bytes(), 252) == (1, 1)
        assert load(path).GetNumberOfPixels() == volume.GetNumberOfPixels()
