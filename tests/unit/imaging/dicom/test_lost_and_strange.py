"""What lies beside the slices of a series: counted, said, and never taken for one of them."""

import os
import re
import shutil
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
import yaml
from pydicom.uid import CTImageStorage, SecondaryCaptureImageStorage, generate_uid

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.deidentification import opaque_key
from taceflow.imaging.dicom.locations import list_files, open_file
from taceflow.imaging.dicom.phase import PhaseRules
from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series
from taceflow.imaging.scan import load_scan

SCOUT = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0]


@pytest.fixture
def load(root):
    imaging = yaml.safe_load((root / "config" / "config.yaml").read_text())["imaging"]
    rules = PhaseRules(**{name: imaging[name] for name in PhaseRules.__dataclass_fields__})

    def load(path, uid=""):
        return load_scan(str(path), None, rules, series_uid=uid, gantry_tilt="refuse", patient="P")

    return load


@pytest.fixture
def refusal(load):
    def refusal(path, uid="") -> ExclusionError:
        with pytest.raises(ExclusionError) as caught:
            load(path, uid)
        assert caught.value.stage == "imaging"
        assert caught.value.remedy
        return caught.value

    return refusal


def is_whole(series, phantom) -> bool:
    values = sitk.GetArrayFromImage(load_series(series, patient="P"))
    return np.array_equal(values, phantom.astype(int) - 1024)


def in_order(folder: Path) -> list[Path]:
    (series,) = list_series(folder)
    return [Path(one.location) for one in series.slices]


# Links


def test_links_to_folders_and_files_are_followed(write, phantom, tmp_path):
    folder = write(phantom, name="real")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "S1").symlink_to(folder)
    (series,) = list_series(linked)
    assert is_whole(series, phantom)
    files = tmp_path / "files"
    files.mkdir()
    for file in folder.iterdir():
        (files / file.name).symlink_to(file)
    (series,) = list_series(files)
    assert is_whole(series, phantom)


def test_links_that_lead_back_or_to_one_folder_twice_end(write, phantom, tmp_path):
    folder = write(phantom)
    (folder / "back").symlink_to(tmp_path)
    (folder / "again").symlink_to(folder)
    (tmp_path / "second").symlink_to(folder)
    assert len(list(list_files(tmp_path))) == len(phantom)
    (folder / "round").symlink_to("round")
    unread = Counter()
    assert len(list(list_files(folder, unread))) == len(phantom)
    assert unread == {"links that lead nowhere": 1}


# Slices that are lost


@pytest.mark.parametrize("end", [0, -1])
@pytest.mark.parametrize(
    ("lose", "said"),
    [
        (lambda file: file.write_bytes(b""), "empty or cut files (1)"),
        (lambda file: file.write_bytes(file.read_bytes()[:100]), "empty or cut files (1)"),
        (lambda file: file.write_bytes(file.read_bytes()[:250]), "damaged DICOM files (1)"),
        (lambda file: file.write_bytes(file.read_bytes()[:700]), "damaged DICOM files (1)"),
        (lambda file: (file.unlink(), file.symlink_to("gone")), "links that lead nowhere (1)"),
        (lambda file: (file.unlink(), os.mkfifo(file)), "pipes or devices (1)"),
    ],
)
def test_a_slice_that_is_lost_at_an_end_is_said(write, phantom, load, lose, said, end):
    """The stack is even without it: no hole shows it."""
    folder = write(phantom)
    lose(in_order(folder)[end])
    scan = load(folder)
    assert scan.image.GetSize()[2] == len(phantom) - 1
    assert f"left out, of whatever series: {said}" in scan.choice["notes"]


def test_a_slice_that_is_lost_in_the_middle_is_said_beside_the_hole(write, phantom, refusal):
    folder = write(phantom)
    in_order(folder)[4].write_bytes(b"")
    problem = refusal(folder).problem
    assert "slices are missing (1): 1 between" in problem
    assert problem.endswith("left out, of whatever series: empty or cut files (1)")


def test_series_to_choose_from_go_with_every_refusal(write, phantom, refusal):
    """Its remedy may be to name another series."""
    folder = write(phantom, SeriesDescription="Portal")
    write(phantom, **STRANGER)
    assert len(refusal(folder).all_series) == 2
    holey = write(phantom, name="hole")
    in_order(holey)[4].unlink()
    write(phantom, name="hole", SeriesDescription="Portal", uid="1.2.9")
    assert len(refusal(holey).all_series) == 2


def test_a_slice_that_was_never_sent_shows_in_the_numbers(write, phantom, load):
    folder = write(phantom)
    in_order(folder)[0].unlink()
    assert "InstanceNumber begins with 2: slices may be lost" in load(folder).choice["notes"]
    folder = write(phantom, name="counted", ImagesInAcquisition=8)
    assert load(folder).choice["notes"] == ""
    in_order(folder)[-1].unlink()
    assert "the header counts 8 images, 7 are there" in load(folder).choice["notes"]


def test_numbers_that_only_look_incomplete_say_nothing(write, phantom, load):
    """In steps of two, running on from another series, or with a scout among them."""
    for start, step in ((1, 2), (200, 1), (0, 1)):
        name = f"{start}-{step}"
        write(
            phantom,
            name=name,
            per_slice=lambda index, start=start, step=step: {
                "InstanceNumber": start + step * index
            },
        )
        assert load(write(phantom[:0], name=name)).choice["notes"] == ""
    folder = write(phantom, name="scout", per_slice=lambda index: {"InstanceNumber": index + 2})
    write(phantom[:1], name="scout", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    notes = load(folder).choice["notes"]
    assert notes == "localisers left out (1)"


def test_a_folder_that_may_not_be_opened_is_counted(write, phantom, load, monkeypatch):
    folder = write(phantom)
    (folder / "closed").mkdir()
    scandir = os.scandir

    def closed(path):
        if str(path).endswith("closed"):
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert "folders that cannot be opened (1)" in load(folder).choice["notes"]


# Why there is no series


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


def test_one_slice_in_place_of_its_folder(write, phantom, refusal):
    file = in_order(write(phantom))[3]
    error = refusal(file)
    assert error.problem == "the scan is one slice, which is no volume"
    assert error.file == file.name
    assert "Name the folder" in error.remedy


def test_a_series_for_each_slice_is_one_short_message(write, phantom, refusal):
    for index in range(len(phantom)):
        folder = write(
            phantom[index : index + 1], origin=(-20, -30, 100 + 3 * index), uid=generate_uid()
        )
    error = refusal(folder)
    assert "8 series of one slice each" in error.problem
    assert len(str(error)) < 400


def test_the_key_of_the_catalogue_names_a_series(write, phantom, load):
    folder = write(phantom, uid="1.2.3", SeriesNumber=1)
    write(phantom + 7, uid="1.2.4", SeriesNumber=2)
    for uid in ("1.2.4", opaque_key("1.2.4")):
        values = sitk.GetArrayFromImage(load(folder, uid).image)
        np.testing.assert_array_equal(values, phantom.astype(int) + 7 - 1024)


# Images that are no slices


@pytest.mark.parametrize(
    "scout",
    [
        {"ImageOrientationPatient": SCOUT, "ImageType": None},
        {"ImageOrientationPatient": SCOUT, "Rows": 36, "Columns": 40},
        {"Rows": 36, "Columns": 40, "ImagePositionPatient": [0, 0, 0]},
        {"ImagePositionPatient": [0, 0, 0], "ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]},
        {"ImagePositionPatient": [0, 0, 0], "PixelSpacing": None},
        {"ImagePositionPatient": [0, 0, 0], "PhotometricInterpretation": "RGB"},
        {"ImagePositionPatient": [0, 0, 0]},
        {"ImagePositionPatient": [0, 0, 110.5]},
        {"ImagePositionPatient": [-20, -30, 0], "FrameOfReferenceUID": "1.2.3"},
    ],
    ids=str,
)
def test_a_scout_or_a_protocol_in_the_series_is_left_out(write, phantom, scout):
    folder = write(phantom)
    write(phantom[3:4] + 9, **scout)
    (series,) = list_series(folder)
    assert series.notes == ("1 images that are no slices (scout, protocol, report) left out",)
    assert is_whole(series, phantom)


def test_a_scout_beside_two_acquisitions(write, phantom):
    folder = write(phantom, AcquisitionNumber=1)
    write(phantom + 40, AcquisitionNumber=2)
    write(phantom[3:4] + 9, ImageOrientationPatient=SCOUT, AcquisitionNumber=0)
    first, second = list_series(folder)
    assert is_whole(first, phantom)
    assert is_whole(second, phantom + 40)
    assert "1 images that are no slices" in first.notes[0]


@pytest.mark.parametrize(
    "bent",
    [
        {"Rows": 36, "Columns": 40},
        {"ImageOrientationPatient": [1, 0, 0, 0, 0.999, 0.0447]},
        {"FrameOfReferenceUID": "1.2.3", "PixelSpacing": [0.9, 0.9]},
    ],
    ids=str,
)
@pytest.mark.parametrize("place", [0, 7])
def test_a_slice_with_a_wrong_header_at_an_end_is_no_scout(write, phantom, bent, place):
    folder = write(phantom, per_slice=lambda index: bent if index == place else {})
    (series,) = list_series(folder)
    assert len(series.slices) == 8
    with pytest.raises(ExclusionError, match=r"differs? between slices|another orientation"):
        load_series(series, patient="P")


# Other persons


STRANGER = {"uid": "1.2.9", "SeriesNumber": 9, "PatientID": "H2"}


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ({}, {}),
        ({"PatientName": "A^B"}, {"PatientName": "A^B"}),
        ({"PatientBirthDate": "19500101"}, {"PatientID": "H1", "PatientBirthDate": "19510101"}),
        ({"PatientName": "KIM^EUN"}, {"PatientID": "H1", "PatientName": "LEE^HO"}),
        ({"PatientID": None, "PatientName": "KIM^A"}, {"PatientID": "", "PatientName": "LEE^B"}),
    ],
    ids=str,
)
def test_images_of_another_person_are_refused_unless_a_series_is_named(
    write, phantom, load, refusal, own, other
):
    folder = write(phantom, SeriesDescription="Portal", **own)
    write(phantom[:5] + 40, SeriesDescription="Arterial", **(STRANGER | other))
    error = refusal(folder)
    assert error.problem.startswith("images of 2 persons lie together")
    assert error.problem.endswith(": 8, 5 images")
    assert not any(name in str(error) for name in ("H1", "H2", "KIM", "LEE", "1950", "1951"))
    own_uid = "1.2.826.0.1.3680043.8.498.2"
    assert load(folder, own_uid).image.GetSize()[2] == 8


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ({"PatientID": "0012"}, {"PatientID": "12 "}),
        ({"PatientName": "MULLER^ANNA"}, {"PatientID": "H1", "PatientName": "Anna Muller-Kim"}),
        (
            {"PatientName": "A^B", "PatientBirthDate": "19500101"},
            {"PatientID": "H1", "PatientName": "C^D", "PatientBirthDate": "1950.01.01"},
        ),
        ({"PatientName": "A^B"}, {"PatientID": "H1", "PatientName": None}),
        ({"PatientName": "KIM^EUN"}, {"PatientID": "H1", "PatientName": "Anonymous^^"}),
        ({"PatientName": "KIM^EUN"}, {"PatientID": "H1", "PatientName": "h1"}),
        ({"PatientName": "HCC_001"}, {"PatientID": "H1", "PatientName": "HCC_001_second"}),
        ({"PatientBirthDate": "19500101"}, {"PatientID": "H1", "PatientBirthDate": "19000101"}),
    ],
    ids=str,
)
def test_one_person_written_in_two_ways_is_one(write, phantom, load, own, other):
    folder = write(phantom, **own)
    write(phantom, SeriesDescription="Portal", **(STRANGER | other))
    assert load(folder).series.description == "ARTERIAL"


def test_a_series_is_known_again_without_its_last_slice(write, phantom, load):
    folder = write(phantom)
    digests = set(load(folder).series_digests)
    in_order(folder)[-1].unlink()
    assert digests & set(load(folder).series_digests)
    # a tool of de-identification may give all patients the same series and studies, without dates
    other = write(phantom, name="same_uid", StudyDate=None, StudyTime=None)
    assert digests.isdisjoint(load(other).series_digests)


def test_images_that_share_one_uid_are_nobodys(write, phantom, load):
    assert load(write(phantom, SOPInstanceUID="1.2.3")).series_digests == []


# Files that are too large, and values that break the standard


def test_a_large_member_of_an_archive_is_not_read_for_its_header(write, phantom, tmp_path):
    file = in_order(write(phantom))[0]
    archive = tmp_path / "scan.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(file, "small")
        with packed.open("large", "w") as member:
            for _ in range(80):
                member.write(bytes(1 << 20))
    with open_file(f"{archive}::small") as small, open_file(f"{archive}::large") as large:
        assert small.read() == file.read_bytes()
        assert isinstance(large, zipfile.ZipExtFile)
    assert list_series(archive)[0].slices[0].location.endswith("small")


def rewritten(folder: Path, tag: bytes, kind: bytes, value: bytes) -> None:
    """Put bytes in place of a value of the same length."""
    for file in folder.iterdir():
        content = bytearray(file.read_bytes())
        at = content.index(tag + kind)
        length = int.from_bytes(content[at + 6 : at + 8], "little")
        content[at + 8 : at + 8 + length] = value.ljust(length)[:length]
        file.write_bytes(content)


def test_decimal_commas_are_points(write, phantom):
    folder = write(phantom, PixelSpacing=[0.9, 0.7], SliceThickness=3.25)
    rewritten(folder, b"\x28\x00\x30\x00", b"DS", b"0,9\\0,7")
    rewritten(folder, b"\x18\x00\x50\x00", b"DS", b"3,25")
    (series,) = list_series(folder)
    assert load_series(series, patient="P").GetSpacing() == pytest.approx((0.7, 0.9, 3))
    assert float(series.header.SliceThickness) == 3.25


@pytest.mark.parametrize(
    ("tag", "kind", "value"),
    [
        (b"\x18\x00\x50\x00", b"DS", b"3 mm"),
        (b"\x18\x00\x50\x00", b"DS", b"nan"),
        (b"\x20\x00\x12\x00", b"IS", b"1."),
        (b"\x20\x00\x12\x00", b"IS", b"x"),
    ],
)
def test_a_broken_value_that_is_not_needed_costs_nothing(write, phantom, tag, kind, value):
    folder = write(phantom, SliceThickness=1234.5, AcquisitionNumber=1234)
    rewritten(folder, tag, kind, value)
    (series,) = list_series(folder)
    assert is_whole(series, phantom)
    assert series.notes == ()


def test_what_the_catalogue_could_not_read_is_said_too(write, phantom, root):
    imaging = yaml.safe_load((root / "config" / "config.yaml").read_text())["imaging"]
    rules = PhaseRules(**{name: imaging[name] for name in PhaseRules.__dataclass_fields__})
    files = list(list_files(write(phantom)))
    options = {"series_uid": "", "gantry_tilt": "refuse", "patient": "P"}
    scan = load_scan("", files, rules, lost=2, **options)
    assert "damaged or cut files beside it in the archive (2)" in scan.choice["notes"]
    assert load_scan("", files, rules, **options).choice["notes"] == ""
    with pytest.raises(ExclusionError, match="the archive holds no CT image of the patient"):
        load_scan("", [], rules, **options)


def test_frames_that_share_one_position_are_not_read_as_their_first(write, phantom, refusal):
    """Classic CT is one slice a file; dcm2niix makes volumes of nothing but a guess here."""
    folder = write(phantom)
    for file in folder.iterdir():
        dataset = pydicom.dcmread(file)
        dataset.NumberOfFrames, dataset.PixelData = 2, dataset.PixelData * 2
        dataset.save_as(file)
    assert "CT files whose frames share one position (8)" in refusal(folder).problem


@pytest.mark.parametrize("kind", ["words", "none", "neither"])
def test_a_ct_image_whose_class_is_written_in_words_or_missing(write, phantom, kind):
    folder = write(phantom)
    for file in folder.iterdir():
        dataset = pydicom.dcmread(file)
        if kind == "words":
            content = file.read_bytes()
            class_uid = b"UI\x1a\x00" + CTImageStorage.encode() + b"\0"
            file.write_bytes(
                content.replace(class_uid, b"UI\x1a\x00" + b"CT Image Storage".ljust(26))
            )
            continue
        del dataset.SOPClassUID
        if kind == "neither":
            del dataset.file_meta.MediaStorageSOPClassUID
        dataset.save_as(file)
    (series,) = list_series(folder)
    assert is_whole(series, phantom)


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ({"BitsStored": 12}, "Export the series again"),
        ({"ImagePositionPatient": [-20, -30, 148]}, "Copy or export the series again, whole"),
    ],
)
def test_a_stack_that_is_refused_has_a_remedy(write, phantom, refusal, change, remedy):
    folder = write(phantom, per_slice=lambda index: change if index == 7 else {})
    assert refusal(folder).remedy.startswith(remedy)


def test_a_slice_that_unpacks_to_far_more_than_its_header_names(write, phantom, tmp_path, refusal):
    archive = tmp_path / "scan.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for file in write(phantom).iterdir():
            packed.write(file, file.name)
        with packed.open(file.name + "b", "w") as member:
            dataset = pydicom.dcmread(file)
            dataset.ImagePositionPatient = [-20, -30, 124]
            content = BytesIO()
            dataset.save_as(content)
            member.write(content.getvalue())
            for _ in range(258):
                member.write(bytes(1 << 20))
    assert re.search(r"a file of 270,\d{3},\d{3} bytes holds more", refusal(archive).problem)


def test_a_series_that_is_not_found_may_be_the_one_that_was_lost(write, phantom, refusal):
    folder = write(phantom, SeriesDescription="portal")
    (folder / "arterial").symlink_to("gone")
    problem = refusal(folder).problem
    assert problem.endswith("; left out, of whatever series: links that lead nowhere (1)")
