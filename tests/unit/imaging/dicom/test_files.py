"""DICOM files as programs write them: without a preamble, a transfer syntax or a class."""

import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series

ENCODINGS = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian)


def without_preamble(file: Path, *, meta: bool) -> bytes:
    """What older systems write: the data set alone, or after its group 2."""
    content = file.read_bytes()
    # group 2 begins with its own length after 12 bytes
    return content[132:] if meta else content[144 + int.from_bytes(content[140:144], "little") :]


@pytest.mark.parametrize(
    ("syntax", "meta"),
    [
        *((syntax, meta) for syntax in ENCODINGS for meta in (True, False)),
        *((syntax, True) for syntax in (DeflatedExplicitVRLittleEndian, RLELossless)),
    ],
)
def test_files_without_a_preamble_hold_the_same_pixels(write, phantom, tmp_path, syntax, meta):
    folder = write(phantom, syntax=syntax)
    (series,) = list_series(folder)
    expected = load_series(series, patient="P")
    archive = tmp_path / "bare.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in folder.iterdir():
            file.write_bytes(without_preamble(file, meta=meta))
            assert not pydicom.misc.is_dicom(file)
            packed.write(file, file.name)
    for place in (folder, archive):
        (series,) = list_series(place)
        image = load_series(series, patient="P")
        assert (sitk.GetArrayFromImage(image) == sitk.GetArrayFromImage(expected)).all()
        assert image.GetOrigin() == expected.GetOrigin()
        assert image.GetSpacing() == expected.GetSpacing()


@pytest.mark.parametrize("syntax", ENCODINGS)
def test_a_file_that_names_no_transfer_syntax_is_read(write, phantom, syntax, drop_transfer_syntax):
    folder = write(phantom, syntax=syntax)
    (series,) = list_series(folder)
    expected = sitk.GetArrayFromImage(load_series(series, patient="P"))
    for file in folder.iterdir():
        drop_transfer_syntax(file)
        assert "TransferSyntaxUID" not in pydicom.dcmread(file).file_meta
    (series,) = list_series(folder)
    values = sitk.GetArrayFromImage(load_series(series, patient="P"))
    np.testing.assert_array_equal(values, expected)


def test_compressed_pixels_of_unknown_syntax_are_refused(write, phantom, problem_of):
    folder = write(phantom, syntax=RLELossless)
    for file in folder.iterdir():
        file.write_bytes(without_preamble(file, meta=False))
    assert "cannot be decoded" in problem_of(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x08\x00",
        b"patient\tphase\n" * 100,
        b"\x08\x00\x05\x00CS\x0a\x00" + b"no DICOM but a text" * 50,
        b"\x02\x00\x00\x00UL\x04\x00" + np.random.default_rng(1).bytes(5000),
        b"\x08\x00\x00\x00\x04\x00\x00\x00" + np.random.default_rng(2).bytes(5000),
        *(np.random.default_rng(seed).bytes(3000) for seed in range(5)),
    ],
)
def test_what_begins_like_a_data_set_but_is_none(tmp_path, content):
    (tmp_path / "IM0001").write_bytes(content)
    assert list_series(tmp_path) == []


@pytest.mark.parametrize("kind", ["words", "none", "neither"])
def test_a_ct_image_whose_class_is_written_in_words_or_missing(write, phantom, kind, is_whole):
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
