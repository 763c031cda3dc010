"""Files behind links, in folders that may not be opened, and inside archives."""

import os
import zipfile
from collections import Counter

from taceflow.imaging.dicom.locations import list_files, open_file
from taceflow.imaging.dicom.series import list_series


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


def test_a_large_member_of_an_archive_is_not_read_for_its_header(
    write, phantom, tmp_path, in_order
):
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
