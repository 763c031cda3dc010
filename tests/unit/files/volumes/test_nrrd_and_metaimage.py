"""Headers of NRRD and MetaImage."""

import pytest
import SimpleITK as sitk

from taceflow.errors import ExclusionError

NO_SPACING = "voxel spacing"

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
