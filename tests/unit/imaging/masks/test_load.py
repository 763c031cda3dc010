"""Masks of every kind of file, inside folders and archives."""

import zipfile

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.data import get_testdata_file

from taceflow.errors import ExclusionError
from taceflow.imaging.masks.load import load_mask
from taceflow.imaging.masks.mask_file import ReferenceCT


def test_the_class_of_the_files_head_tells_what_it_is(wide_ct, tmp_path, rtstruct, square, voxels):
    path = rtstruct(tmp_path / "rs.dcm", ("T", [square(wide_ct, (5, 6), (14, 15), 4)]))
    whole = voxels(path, "T", wide_ct)
    dataset = pydicom.dcmread(path)
    del dataset.SOPClassUID
    dataset.save_as(path)
    np.testing.assert_array_equal(voxels(path, "T", wide_ct), whole)


def test_a_mask_of_another_kind_of_file_is_refused(reference, tmp_path, voxels):
    with pytest.raises(ExclusionError, match="neither a DICOM-SEG nor an RTSTRUCT"):
        voxels(get_testdata_file("CT_small.dcm"), "", reference)
    text = tmp_path / "mask.nii.gz"
    text.write_text("no image")
    with pytest.raises(ExclusionError, match="cannot be read as an image"):
        voxels(str(text), "", reference)
    with pytest.raises(ExclusionError, match="cannot be opened"):
        voxels(str(tmp_path / "absent.nii.gz"), "", reference)


def test_masks_inside_archives(reference, tmp_path, save, two_blocks, voxels):
    path = save(two_blocks(reference), tmp_path / "mask.nii.gz")
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(path, "P1/mask.nii.gz")
        opened.write(get_testdata_file("rtstruct.dcm"), "P1/rs")
    assert voxels(f"{archive}::P1/mask.nii.gz", "2", reference).sum() == 12
    with pytest.raises(ExclusionError, match=r"outlines|outline"):
        voxels(f"{archive}::P1/rs", "*", reference)
    with pytest.raises(ExclusionError, match="cannot be opened"):
        voxels(f"{archive}::P2/mask.nii.gz", "2", reference)


def test_no_identifier_of_the_header_reaches_a_message(reference, voxels):
    """The frame of reference differs: told, not shown."""
    path = get_testdata_file("rtstruct.dcm")
    frame = (
        pydicom.dcmread(path, force=True).StructureSetROISequence[0].ReferencedFrameOfReferenceUID
    )
    with pytest.raises(ExclusionError, match="another frame of reference") as raised:
        voxels(path, "*", reference, frame_of_reference="1.2.3.4")
    assert str(frame) not in str(raised.value)
    assert "1.2.3.4" not in str(raised.value)


def test_a_folder_that_holds_one_file_is_that_mask(small_ct, tmp_path, count, save_labels):
    values = np.zeros((6, 15, 20), dtype=np.uint8)
    values[2:4, 6:9, 5:9] = 1
    folder = tmp_path / "SEG"
    folder.mkdir()
    with pytest.raises(ExclusionError, match=r"a folder of 0 files \[SEG\]. Name the file"):
        load_mask(str(folder), "", small_ct, patient="P")
    (folder / "mask.zip").write_bytes(b"PK no archive")
    with pytest.raises(ExclusionError, match="cannot be"):
        load_mask(str(folder), "", small_ct, patient="P")
    (folder / "mask.zip").unlink()
    save_labels(values, small_ct, folder / "mask.nii.gz")
    (folder / ".DS_Store").write_bytes(b"hidden")
    (folder / "mask.json").write_text("{}")
    assert count(str(folder), "", small_ct) == 24
    save_labels(values, small_ct, folder / "second.nii.gz")
    with pytest.raises(ExclusionError, match="a folder of 3 files"):
        load_mask(str(folder), "", small_ct, patient="P")


def test_a_zip_archive_that_holds_one_file_is_that_mask(small_ct, tmp_path):
    mask = sitk.Image(small_ct.GetSize(), sitk.sitkUInt8)
    mask.CopyInformation(small_ct)
    mask[3, 4, 2] = 1
    sitk.WriteImage(mask, str(tmp_path / "m.nii.gz"))
    archive = tmp_path / "m.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(tmp_path / "m.nii.gz", "from a reader/m.nii.gz")
    loaded = load_mask(str(archive), "", ReferenceCT(small_ct), patient="P").image
    assert sitk.GetArrayViewFromImage(loaded).sum() == 1
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("other.nii", b"")
    with pytest.raises(ExclusionError, match=r"a zip archive of 2 files .*archive.zip::name"):
        load_mask(str(archive), "", ReferenceCT(small_ct), patient="P")
