"""Scans of DICOM files: what is refused goes with the series to choose from, and is known again."""

import shutil

import numpy as np
import SimpleITK as sitk


def test_series_to_choose_from_go_with_every_refusal(write, phantom, refusal, in_order):
    """Its remedy may be to name another series."""
    folder = write(phantom, SeriesDescription="Portal")
    write(phantom, **STRANGER)
    assert len(refusal(folder).all_series) == 2
    holey = write(phantom, name="hole")
    in_order(holey)[4].unlink()
    write(phantom, name="hole", SeriesDescription="Portal", uid="1.2.9")
    assert len(refusal(holey).all_series) == 2


def test_a_folder_of_one_nifti_is_that_file(phantom, load, refusal, tmp_path):
    folder = tmp_path / "nifti"
    folder.mkdir()
    image = sitk.GetImageFromArray(phantom.astype("<i2") - 1024)
    sitk.WriteImage(image, str(folder / "ct.nii.gz"))
    values = sitk.GetArrayFromImage(load(folder).image)
    np.testing.assert_array_equal(values, phantom.astype(int) - 1024)
    (folder / "ct.json").write_text("{}")
    assert load(folder).image.GetSize() == (36, 40, 8)
    shutil.copy(folder / "ct.nii.gz", folder / "other.nii.gz")
    error = refusal(folder)
    assert "NIfTI, NRRD or MHA files (2)" in error.problem
    assert "Name the image file itself" in error.remedy


STRANGER = {"uid": "1.2.9", "SeriesNumber": 9, "PatientID": "H2"}


def test_a_series_is_known_again_without_its_last_slice(write, phantom, load, in_order):
    folder = write(phantom)
    digests = set(load(folder).series_digests)
    in_order(folder)[-1].unlink()
    assert digests & set(load(folder).series_digests)
    # a tool of de-identification may give all patients the same series and studies, without dates
    other = write(phantom, name="same_uid", StudyDate=None, StudyTime=None)
    assert digests.isdisjoint(load(other).series_digests)


def test_images_that_share_one_uid_are_nobodys(write, phantom, load):
    assert load(write(phantom, SOPInstanceUID="1.2.3")).series_digests == []
