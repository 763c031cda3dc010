"""A CT that is a file: HU, whole, and counted along the patient's axes."""

import gzip
import itertools
import os
import struct
import zipfile
import zlib

import numpy as np
import pytest
import SimpleITK as sitk
import yaml
from scipy.spatial.transform import Rotation

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.phase import PhaseRules
from taceflow.imaging.scan import load_scan


@pytest.fixture
def load(root):
    imaging = yaml.safe_load((root / "config" / "config.yaml").read_text())["imaging"]
    rules = PhaseRules(**{name: imaging[name] for name in PhaseRules.__dataclass_fields__})

    def call(path):
        return load_whole(path).image

    def load_whole(path):
        return load_scan(str(path), None, rules, series_uid="", gantry_tilt="refuse", patient="P")

    call.whole = load_whole
    return call


@pytest.fixture
def volume():
    random = np.random.default_rng(3)
    image = sitk.GetImageFromArray(random.integers(-1000, 1500, (9, 12, 15)).astype(np.int16))
    image.SetSpacing((0.7, 0.8, 5.0))
    image.SetOrigin((-120.5, 30.25, 611.0))
    return image


def written(image, path):
    sitk.WriteImage(image, str(path), useCompression=str(path).endswith(".gz"))
    return path


@pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd", "mha"])
def test_a_file_is_read_as_it_is(load, volume, tmp_path, suffix):
    image = load(written(volume, tmp_path / f"ct.{suffix}"))
    assert (sitk.GetArrayFromImage(image) == sitk.GetArrayFromImage(volume)).all()
    assert np.allclose(image.GetOrigin(), volume.GetOrigin(), atol=1e-4)
    assert image.GetPixelID() == sitk.sitkInt16


@pytest.mark.parametrize("order", ["RAS", "LPI", "SAL", "ARI"])
def test_axes_in_another_order_are_turned_to_the_patients(load, volume, tmp_path, order):
    image = load(written(sitk.DICOMOrient(volume, order), tmp_path / "ct.nii.gz"))
    assert (sitk.GetArrayFromImage(image) == sitk.GetArrayFromImage(volume)).all()
    assert np.allclose(image.GetSpacing(), volume.GetSpacing())
    assert np.allclose(image.GetOrigin(), volume.GetOrigin(), atol=1e-4)


def test_fractions_are_rounded_to_whole_hu(load, volume, tmp_path):
    shifted = sitk.Cast(volume, sitk.sitkFloat32) + 0.25
    image = load(written(shifted, tmp_path / "ct.nii"))
    assert (sitk.GetArrayFromImage(image) == sitk.GetArrayFromImage(volume)).all()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd"])
def test_nan_is_refused(load, volume, tmp_path, kind, suffix):
    values = sitk.GetArrayFromImage(volume).astype(kind)
    values[-1, -1, -1] = np.nan
    image = sitk.GetImageFromArray(values)
    image.CopyInformation(volume)
    with pytest.raises(ExclusionError, match="no number"):
        load(written(image, tmp_path / f"ct.{suffix}"))


@pytest.mark.parametrize("suffix", ["nii", "nii.gz"])
def test_a_file_that_a_transfer_cut_off_is_refused(load, volume, tmp_path, suffix):
    path = written(volume, tmp_path / f"ct.{suffix}")
    content = path.read_bytes() if suffix == "nii" else gzip.decompress(path.read_bytes())
    half = content[: len(content) // 2]
    path.write_bytes(half if suffix == "nii" else gzip.compress(half))
    with pytest.raises(ExclusionError, match=r"ends early|cannot be read"):
        load(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda image: sitk.Cast(image, sitk.sitkFloat32) / 1500, "no CT in HU"),
        (lambda image: sitk.Cast(image, sitk.sitkInt32) + 70_000, "no CT in HU"),
        (lambda image: image - 4000, "no CT in HU"),
        (lambda image: image[:, :, 0], "no 3-D CT"),
        (lambda image: sitk.Compose(image, image), "no 3-D CT"),
    ],
)
def test_what_is_no_ct_is_refused(load, volume, tmp_path, change, words):
    with pytest.raises(ExclusionError, match=words):
        load(written(change(volume), tmp_path / "ct.nrrd"))


def test_a_text_file_is_refused(load, tmp_path):
    path = tmp_path / "ct.nii"
    path.write_text("no image")
    with pytest.raises(ExclusionError, match="cannot be read"):
        load(path)


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
def test_a_nifti_header_is_not_mended_silently(load, volume, tmp_path, changes, words, suffix):
    path = written(volume, tmp_path / "ct.nii")
    header = bytearray(path.read_bytes())
    for form, place, *values in changes:
        struct.pack_into(form, header, place, *values)
    path = tmp_path / f"changed.{suffix}"
    path.write_bytes(header if suffix == "nii" else gzip.compress(header))
    with pytest.raises(ExclusionError, match=words):
        load(path)


@pytest.mark.parametrize("angle", [0.0, 5e-4, 2e-3, 8e-3, 0.3, np.pi - 8e-3, np.pi])
def test_a_qform_of_single_precision_agrees_with_its_sform(load, volume, tmp_path, angle):
    """Half a turn leaves the least of a quaternion's digits."""
    for axes in ([0, 0, 1], [0.6, 0, 0.8], [0, 1, 0]):
        turn = Rotation.from_rotvec(angle * np.array(axes))
        volume.SetDirection(turn.as_matrix().ravel().tolist())
        path = written(volume, tmp_path / "ct.nii")
        assert struct.unpack_from("<hh", path.read_bytes(), 252) == (1, 1)
        assert load(path).GetNumberOfPixels() == volume.GetNumberOfPixels()


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


def test_an_orientation_that_is_not_stated_is_noted(load, volume, tmp_path):
    path = written(volume, tmp_path / "ct.nii")
    assert load.whole(path).choice["notes"] == ""
    header = bytearray(path.read_bytes())
    struct.pack_into("<hh", header, 252, 0, 0)
    path.write_bytes(header)
    assert "states no orientation" in load.whole(path).choice["notes"]


def test_a_file_that_unpacks_without_end_is_not_read_to_its_end(load, volume, tmp_path):
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


DIRECTIONS = "space: left-posterior-superior\nspace origin: (0,0,0)\nspace directions: "


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("", "states no voxel spacing"),
        ("spacings: 0 1 1\n", "cannot be read"),
        (DIRECTIONS + "none (0,1,0) (0,0,1)\n", "states no voxel spacing"),
        (DIRECTIONS + "(0,0,0) (0,1,0) (0,0,1)\n", NO_SPACING),
        (DIRECTIONS + "(1,0.5,0) (0,1,0) (0,0,1)\n", "right angles"),
        (DIRECTIONS + "(1,0,0) (1,0,0) (0,0,1)\n", "right angles"),
    ],
)
def test_a_nrrd_header_is_not_mended_silently(load, volume, tmp_path, lines, words):
    head = "NRRD0004\ntype: short\ndimension: 3\nsizes: 15 12 9\nencoding: raw\nendian: little\n"
    path = tmp_path / "ct.nrrd"
    values = sitk.GetArrayFromImage(volume).tobytes()
    path.write_bytes(f"{head}{DIRECTIONS}(1,0,0) (0,1,0) (0,0,1)\n\n".encode() + values)
    assert load(path).GetSize() == (15, 12, 9)
    path.write_bytes(f"{head}{lines}\n".encode() + values)
    with pytest.raises(ExclusionError, match=words):
        load(path)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("", "states no voxel spacing"),
        ("ElementSpacing = 0 1 1\n", NO_SPACING),
        ("ElementSpacing = -1 1 1\n", NO_SPACING),
        ("ElementSpacing = 1 1 1\nTransformMatrix = 1 0 0 1 0 0 0 0 1\n", "right angles"),
    ],
)
def test_a_mha_header_is_not_mended_silently(load, volume, tmp_path, lines, words):
    head = "ObjectType = Image\nNDims = 3\nBinaryData = True\nDimSize = 15 12 9\n"
    tail = "ElementType = MET_SHORT\nElementDataFile = LOCAL\n"
    values = sitk.GetArrayFromImage(volume).tobytes()
    path = tmp_path / "ct.mha"
    path.write_bytes(f"{head}ElementSpacing = 1 1 1\n{tail}".encode() + values)
    assert "states no orientation" in load.whole(path).choice["notes"]
    path.write_bytes(f"{head}{lines}{tail}".encode() + values)
    with pytest.raises(ExclusionError, match=words):
        load(path)


@pytest.mark.parametrize("suffix", ["mha", "mhd"])
def test_more_dimensions_than_itk_has_room_for_do_not_reach_it(load, tmp_path, suffix):
    """ITK would write beyond its memory and take the interpreter with it."""
    path = tmp_path / f"ct.{suffix}"
    path.write_text("ObjectType = Image\nNDims =73\nDimSize = 1 1 1\nElementDataFile = LOCAL\n")
    with pytest.raises(ExclusionError, match="names 73 dimensions"):
        load(path)


def test_a_damaged_archive_or_one_without_dicom(load, volume, tmp_path):
    path = tmp_path / "scan.zip"
    path.write_bytes(b"PK\3\4 half an archive")
    with pytest.raises(ExclusionError, match=r"cannot be read.*unzip -t"):
        load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(written(volume, tmp_path / "ct.nii"), "ct.nii")
    with pytest.raises(ExclusionError, match="among 1 files: NIfTI, NRRD or MHA files"):
        load(path)


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        *itertools.product(["nii", "nii.gz", "nrrd", "mha"], ["<i2", "<f4", "<u2", "<i8", "<i4"]),
        *itertools.product(["nrrd", "mha"], [">i2", ">f8"]),
    ],
)
def test_every_kind_and_order_of_bytes(load, volume, tmp_path, suffix, kind):
    values = sitk.GetArrayFromImage(volume).clip(0, 1500).astype(kind)
    image = sitk.GetImageFromArray(values.astype(kind[1:]))
    image.CopyInformation(volume)
    path = written(image, tmp_path / f"ct.{suffix}")
    if kind[0] == ">":
        swapped = path.read_bytes().replace(b"OrderMSB = False", b"OrderMSB = True")
        swapped = swapped.replace(b"endian: little", b"endian: big")
        path.write_bytes(swapped[: -values.nbytes] + values.tobytes())
    assert (sitk.GetArrayFromImage(load(path)) == values).all()


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
