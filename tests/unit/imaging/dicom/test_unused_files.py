"""What lies where a CT series should be is named."""

import shutil
import zipfile

import pytest
from pydicom.uid import SecondaryCaptureImageStorage

from taceflow.errors import ExclusionError
from taceflow.files.locations import list_files
from taceflow.imaging.scan import load_scan


def test_what_was_found_in_place_of_a_series(write, phantom, refusal, tmp_path):
    folder = write(phantom, ImagePositionPatient=None)
    (folder / "leaflet.pdf").write_bytes(b"%PDF" + bytes(500))
    write(phantom[:2], SOPClassUID=SecondaryCaptureImageStorage)
    problem = refusal(folder).problem
    assert "no CT series among 11 files" in problem
    assert "CT images without a position (8)" in problem
    assert "Secondary Capture Image Storage (2)" in problem
    assert "files that are no DICOM (1)" in problem
    assert "leaflet" not in str(refusal(folder))
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "is empty" in refusal(empty).problem


def test_a_zip_with_a_password_is_called_so(write, phantom, refusal, tmp_path):
    folder = write(phantom)
    archive = tmp_path / "scan.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in folder.iterdir():
            packed.write(file, file.name)
    content = bytearray(archive.read_bytes())
    # bit 0 of the flags, in each header of a member and of the directory
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            content[at + place] |= 1
    archive.write_bytes(content)
    error = refusal(archive)
    assert "files of a zip archive with a password (8)" in error.problem
    assert "Unpack" in error.remedy


def test_packed_files_within_a_folder_are_called_so(write, phantom, refusal, tmp_path):
    folder = tmp_path / "packed"
    folder.mkdir()
    shutil.make_archive(str(folder / "scan"), "gztar", write(phantom))
    assert "packed files within (tar, gz, 7z, rar, zip) (1)" in refusal(folder).problem
    assert "Unpack it" in refusal(folder / "scan.tar.gz").remedy


def test_what_the_catalogue_could_not_read_is_said_too(write, phantom, rules):
    files = list(list_files(write(phantom)))
    options = {"series_uid": "", "gantry_tilt": "refuse", "patient": "P"}
    scan = load_scan("", files, rules, lost=2, **options)
    assert "damaged or cut files beside it in the archive (2)" in scan.choice["notes"]
    assert load_scan("", files, rules, **options).choice["notes"] == ""
    with pytest.raises(ExclusionError, match="the archive holds no CT image of the patient"):
        load_scan("", [], rules, **options)


def test_a_series_that_is_not_found_may_be_the_one_that_was_lost(write, phantom, refusal):
    folder = write(phantom, SeriesDescription="portal")
    (folder / "arterial").symlink_to("gone")
    problem = refusal(folder).problem
    assert problem.endswith("; left out, of whatever series: links that lead nowhere (1)")
