"""Many headers, in processes of their own, and archives that are damaged."""

import logging
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.files.locations import list_files
from taceflow.imaging.catalogue import header_reading
from taceflow.imaging.catalogue.build import READ
from taceflow.imaging.catalogue.header_reading import list_archive
from taceflow.imaging.catalogue.patient_files import patient_files


def test_what_is_listed_is_what_the_import_opens(root, stack):
    stack(root, 2)
    with zipfile.ZipFile(root / "a.zip", "w") as archive:
        archive.write(root / "IM00000", "x/y")
    assert list(list_archive(root)["location"]) == list(list_files(root))


def test_several_processes_read_what_one_does(build, root, monkeypatch, stack):
    stack(root / "a", 5)
    stack(root / "b", 4, person="0042", number=2)
    (root / "b" / "notes.txt").write_text("no DICOM")
    counts, expected, files = build(), build.series, build.files
    monkeypatch.setattr(header_reading, "FILES_A_TASK", 3)
    Path(build.files_file).with_name(READ).unlink()
    assert build() == counts
    pd.testing.assert_frame_equal(build.series, expected)
    pd.testing.assert_frame_equal(build.files, files)


def test_damaged_files_are_counted_and_the_rest_goes_on(root, build, caplog, stack):
    files = stack(root, 4)
    cut = files[0].read_bytes()
    files[0].write_bytes(cut[: cut.index(b"\x28\x00\x10\x00")])
    files[1].write_bytes(cut[:128] + b"DICM" + b"\xff" * 300)
    (root / "empty").touch()
    with caplog.at_level(logging.INFO, "taceflow"):
        counts = build()
    assert (counts["unreadable"], counts["no_dicom"]) == (3, 0)
    assert build.series.loc[0, "slices"] == 2
    assert "3 damaged or incomplete files" in caplog.text
    assert "IM0000" not in caplog.text


def test_links_are_followed_and_what_cannot_be_read_is_said(root, build, tmp_path, caplog, stack):
    stack(tmp_path / "disk", 3)
    root.mkdir()
    (root / "S1").symlink_to(tmp_path / "disk")
    (root / "gone").symlink_to(tmp_path / "nowhere")
    build()
    assert build.series["slices"].tolist() == [3]
    assert "left out: links that lead nowhere (1)" in caplog.text


def test_no_damage_of_single_files_stops_the_rest(root, build, stack):
    sound = stack(root, 3)
    header = sound[0].read_bytes()
    draw = np.random.default_rng(20)
    for index in range(400):
        damaged = bytearray(header)
        for place in draw.integers(132, len(header) - 160, draw.integers(1, 12)):
            damaged[place] = draw.integers(256)
        (root / f"damaged{index}").write_bytes(damaged)
    counts = build()
    assert counts["found"] == 403
    assert counts["unreadable"] > 10
    kept = patient_files(build.files_file, "P1")["images"]
    assert {str(file) for file in sound} <= set(kept)


def test_a_damaged_zip_archive_stops_with_a_remedy_and_without_its_name(root, build, stack):
    stack(root, 2)
    (root / "kowalski.zip").write_bytes(b"PK no archive")
    with pytest.raises(InputError, match=r"zip archive in archive\.root is damaged") as raised:
        build()
    assert "kowalski" not in str(raised.value)
