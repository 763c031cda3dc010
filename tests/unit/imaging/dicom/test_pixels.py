"""Pixel data are HU, or are refused."""

import re
import zipfile
from io import BytesIO

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.uid import (
    JPEG2000Lossless,
    RLELossless,
)

from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series


def test_values_without_their_sign(write, phantom, problem_of):
    wrong = (phantom.astype("<i2") - 1024).view("<u2")
    problem = problem_of(write(wrong, RescaleIntercept=0))
    assert re.search(r"values from \d+ to 6\d{4} HU, which no CT holds", problem)


def test_padding_beyond_16_bits_that_is_not_declared_is_refused_not_clipped(
    write, phantom, problem_of
):
    stored = phantom.astype("<i2")
    stored[:, 0, 0] = -32768
    assert "values from -33792 to" in problem_of(write(stored))


@pytest.mark.parametrize(
    ("padding", "declared"),
    [
        (-32768, {"PixelPaddingValue": -32768}),
        (-8192, {"PixelPaddingValue": -8192}),
        (-8192, {"PixelPaddingValue": -8200, "PixelPaddingRangeLimit": -8000}),
        (32767, {"PixelPaddingValue": 32767}),
    ],
)
def test_declared_padding_is_air_and_it_is_said(write, phantom, padding, declared):
    stored = phantom.astype("<i2")
    stored[:, :4, :9] = padding
    stored[3:, 0, 0] = 5
    expected = np.where(stored == padding, -1024, stored.astype(int) - 1024)
    (series,) = list_series(write(stored, **declared))
    notes = []
    image = load_series(series, patient="P", notes=notes)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), expected)
    share = 100 * (stored == padding).mean()
    assert notes == [
        f"declared padding (PixelPaddingValue) set to -1024 HU: {share:.1f}% of the voxels"
    ]


def test_padding_whose_sign_the_header_forgot(write, phantom):
    """The header says 57,344, which is -8192 in 16 bits with a sign."""
    stored = phantom.astype("<i2")
    stored[:, :4, :9] = -8192
    folder = write(stored)
    for file in folder.iterdir():
        dataset = pydicom.dcmread(file)
        dataset.add_new("PixelPaddingValue", "US", 65536 - 8192)
        dataset.save_as(file)
    (series,) = list_series(folder)
    image = load_series(series, patient="P")
    assert (sitk.GetArrayFromImage(image)[:, :4, :9] == -1024).all()


def test_padding_that_could_be_tissue_stays(write, phantom):
    stored = phantom.astype("<i2")
    (series,) = list_series(write(stored, PixelPaddingValue=int(stored[3, 22, 15])))
    values = sitk.GetArrayFromImage(load_series(series, patient="P"))
    np.testing.assert_array_equal(values, stored.astype(int) - 1024)


@pytest.mark.parametrize("keyword", ["RescaleIntercept", "RescaleSlope"])
def test_a_rescale_that_one_slice_lacks_is_refused(write, phantom, keyword, problem_of):
    """Its values would be 1,024 HU too high, and those of the others hide it."""
    folder = write(phantom, per_slice=lambda index: {keyword: None} if index == 4 else {})
    assert f"1 of 8 slices has no {keyword}, which the others have" in problem_of(folder)


def test_scanner_values_without_rescale(write, phantom, problem_of):
    problem = problem_of(write(phantom, RescaleIntercept=None, RescaleSlope=None))
    assert "8 slices without RescaleIntercept, and values from 4 to" in problem


@pytest.mark.parametrize("syntax", [None, RLELossless, JPEG2000Lossless])
def test_truncated_files(write, phantom, syntax, problem_of):
    folder = write(phantom, syntax=syntax)
    file = next(iter(sorted(folder.iterdir())))
    file.write_bytes(file.read_bytes()[:-400])
    assert "truncated or cannot be decoded" in problem_of(folder)


def test_corrupt_pixel_data(write, phantom, problem_of):
    folder = write(phantom, syntax=JPEG2000Lossless)
    file = next(iter(sorted(folder.iterdir())))
    dataset = pydicom.dcmread(file)
    dataset.PixelData = dataset.PixelData[:40] + bytes(len(dataset.PixelData) - 40)
    dataset.save_as(file)
    assert "truncated or cannot be decoded" in problem_of(folder)


def test_a_size_beyond_all_memory_is_refused(write, phantom, problem_of):
    assert "do not fit into memory" in problem_of(write(phantom, Rows=65_000, Columns=65_000))


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
