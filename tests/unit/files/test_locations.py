"""Files behind links, and inside archives."""

import os
import zipfile
from collections import Counter

import pytest

from taceflow.files.locations import (
    HELD_BYTES,
    copy_member,
    list_files,
    lone_file,
    open_file,
    size_of,
    split_location,
)


@pytest.fixture
def folder(tmp_path):
    """Two files, one of them deeper, and a hidden one."""
    (tmp_path / "scans" / "deep").mkdir(parents=True)
    (tmp_path / "scans" / "b.dcm").write_bytes(b"b")
    (tmp_path / "scans" / "deep" / "a.dcm").write_bytes(b"aa")
    (tmp_path / "scans" / ".hidden").write_bytes(b"h")
    return tmp_path / "scans"


def test_links_that_lead_back_or_to_one_folder_twice_end(folder, tmp_path):
    (folder / "back").symlink_to(tmp_path)
    (folder / "again").symlink_to(folder)
    (tmp_path / "second").symlink_to(folder)
    assert len(list(list_files(tmp_path))) == 2
    (folder / "round").symlink_to("round")
    os.mkfifo(folder / "pipe")
    unread = Counter()
    assert len(list(list_files(folder, unread))) == 2
    assert unread == {"links that lead nowhere": 1, "pipes or devices": 1}


def test_an_archive_is_a_folder(folder, tmp_path):
    archive = tmp_path / "scan.ZIP"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(folder / "deep" / "a.dcm", "inside/a.dcm")
        packed.writestr("inside/.hidden", "h")
    (location,) = list_files(archive)
    assert location == f"{archive}::inside/a.dcm"
    assert split_location(location) == (str(archive), "inside/a.dcm")
    assert split_location("plain.dcm") == ("plain.dcm", None)
    assert size_of(location) == size_of(str(folder / "deep" / "a.dcm")) == 2
    with open_file(location) as opened:
        assert opened.read() == b"aa"
    copy = copy_member(location, tmp_path)
    assert copy == str(tmp_path / "a.dcm")
    assert (tmp_path / "a.dcm").read_bytes() == b"aa"


def test_a_large_member_of_an_archive_is_not_held_in_memory(tmp_path):
    archive = tmp_path / "scan.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("small", b"small")
        with packed.open("large", "w") as member:
            for _ in range((HELD_BYTES >> 20) + 1):
                member.write(bytes(1 << 20))
    with open_file(f"{archive}::small") as small, open_file(f"{archive}::large") as large:
        assert small.read() == b"small"
        assert isinstance(large, zipfile.ZipExtFile)


def test_one_image_beside_its_notes_is_alone(folder):
    assert lone_file(folder) is None
    (folder / "b.dcm").rename(folder / "b.json")
    assert lone_file(folder) == folder / "deep" / "a.dcm"
