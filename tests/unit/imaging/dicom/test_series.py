"""Files are grouped to series; what is lost or left out is said."""

import os
import zipfile
from pathlib import Path

import pytest
from pydicom.uid import (
    SecondaryCaptureImageStorage,
    generate_uid,
)

from taceflow.imaging.dicom.series import list_series


def test_a_corrupt_header_leaves_a_hole_and_a_warning(write, phantom, caplog, problem_of):
    folder = write(phantom)
    (series,) = list_series(folder)
    file = Path(series.slices[3].location)
    # Rows as a binary number of 3 bytes
    file.write_bytes(file.read_bytes().replace(b"\x28\0\x10\0US\2\0", b"\x28\0\x10\0US\3\0"))
    assert "1 between z = 106.0 and 112.0 mm" in problem_of(folder)
    assert "left out, of whatever series: damaged DICOM files (1)" in caplog.text
    (series,) = list_series(folder)
    assert "left out, of whatever series: damaged DICOM files (1)" in series.notes


def test_a_damaged_member_of_an_archive_leaves_a_hole_or_a_note(
    write, phantom, tmp_path, problem_of
):
    """At the end of the stack no hole shows it."""
    folder = write(phantom)
    (series,) = list_series(folder)
    names = [Path(one.location).name for one in series.slices]
    for place, missing in ((3, "slices are missing (1)"), (7, "")):
        archive = tmp_path / f"{place}.zip"
        with zipfile.ZipFile(archive, "w") as packed:
            for name in names:
                packed.write(folder / name, name)
        content = bytearray(archive.read_bytes())
        start = content.index(names[place].encode()) + 200
        content[start : start + 50] = bytes(50)
        archive.write_bytes(content)
        (series,) = list_series(archive)
        assert "left out, of whatever series: damaged DICOM files (1)" in series.notes
        assert not missing or missing in problem_of(archive)


def test_localisers_captures_and_images_without_a_place_are_left_out(write, phantom):
    folder = write(phantom)
    write(phantom[:1], ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    write(phantom[:2], ImagePositionPatient=None)
    write(phantom[:1], SOPClassUID=SecondaryCaptureImageStorage)
    write(phantom[:1], uid="1.2.3", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    (folder / "notes.txt").write_text("no DICOM")
    (series,) = list_series(folder)
    assert len(series.slices) == 8
    assert series.notes == (
        "localisers left out (1)",
        "images without a position left out (2): slices may be lost",
    )


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
def test_a_slice_that_is_lost_at_an_end_is_said(write, phantom, load, lose, said, end, in_order):
    """The stack is even without it: no hole shows it."""
    folder = write(phantom)
    lose(in_order(folder)[end])
    scan = load(folder)
    assert scan.image.GetSize()[2] == len(phantom) - 1
    assert f"left out, of whatever series: {said}" in scan.choice["notes"]


def test_a_slice_that_is_lost_in_the_middle_is_said_beside_the_hole(
    write, phantom, refusal, in_order
):
    folder = write(phantom)
    in_order(folder)[4].write_bytes(b"")
    problem = refusal(folder).problem
    assert "slices are missing (1): 1 between" in problem
    assert problem.endswith("left out, of whatever series: empty or cut files (1)")


def test_a_slice_that_was_never_sent_shows_in_the_numbers(write, phantom, load, in_order):
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


def test_one_slice_in_place_of_its_folder(write, phantom, refusal, in_order):
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


def test_links_to_folders_and_files_are_followed(write, phantom, tmp_path, is_whole):
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
