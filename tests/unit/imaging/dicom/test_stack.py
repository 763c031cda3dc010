"""Slices that are no even stack, or no HU, are refused with the reason."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
    SecondaryCaptureImageStorage,
)

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series

ENCODINGS = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian)


def refusal(folder, **options) -> str:
    (series,) = list_series(folder)
    with pytest.raises(ExclusionError) as caught:
        load_series(series, patient="P", **options)
    assert caught.value.stage == "imaging"
    return caught.value.problem


def test_missing_slices_are_counted_and_placed(write, phantom):
    def per_slice(index):
        z = 100 + 3 * (index + (index > 2) + 2 * (index > 5))
        return {"ImagePositionPatient": [-20, -30, z]}

    problem = refusal(write(phantom, per_slice=per_slice))
    assert "slices are missing (3)" in problem
    assert "1 between z = 106.0 and 112.0 mm, 2 between z = 118.0 and 127.0 mm" in problem
    assert problem.endswith("(series number 3)")


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        ([0, 3, 6, 10, 13, 16, 19, 22], "uneven: 3 to 4 mm"),
        # each gap nearly right, the sum half a millimetre off
        ([0, 5, 10, 15, 20, 25.15, 30.3, 35.45], "uneven: 5 to 5.15 mm"),
        ([0, 3, 6, 6, 9, 12, 15, 18], "1 of 8 slices lie where another one lies"),
    ],
)
def test_uneven_and_doubled_slices(write, phantom, places, reason):
    folder = write(
        phantom, per_slice=lambda index: {"ImagePositionPatient": [-20, -30, places[index]]}
    )
    assert reason in refusal(folder)


def test_rounded_positions_are_even(write, phantom):
    places = [round(0.625 * index, 1) for index in range(8)]
    folder = write(
        phantom, per_slice=lambda index: {"ImagePositionPatient": [-20, -30, places[index]]}
    )
    (series,) = list_series(folder)
    assert load_series(series, patient="P").GetSpacing()[2] == pytest.approx(4.4 / 7)


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"ImageOrientationPatient": [1, 0, 0, 0, 0.8, 0.6]}, "1 of 8 slices have another orient"),
        ({"Rows": 36, "Columns": 40}, "Rows and Columns are missing or differ"),
        ({"PixelSpacing": [0.9, 0.8]}, "PixelSpacing differs between slices: 0.7 to 0.8 mm"),
        ({"PixelSpacing": None}, "PixelSpacing is missing"),
        ({"ImagePositionPatient": [-20, -28, 112]}, "shifted sideways by up to 2.00 mm"),
        ({"RescaleSlope": 0}, "RescaleSlope is not above 0"),
        ({"RescaleSlope": -1}, "RescaleSlope is not above 0"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "colours and no HU"),
        ({"RescaleType": "MGML"}, "RescaleType"),
        ({"BitsStored": 12, "HighBit": 15}, "HighBit 15 does not fit BitsStored 12"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_one_odd_slice(write, phantom, odd, reason):
    problem = refusal(write(phantom, per_slice=lambda index: odd if index == 4 else {}))
    assert reason in problem
    assert "MGML" not in problem


def test_one_slice_and_skewed_directions(write, phantom):
    assert "one slice is no volume" in refusal(write(phantom[:1], name="one"))
    skewed = write(phantom, name="skewed", orientation=(1, 0, 0, 0.1, 1, 0))
    assert "not at right angles" in refusal(skewed)


def test_values_without_their_sign(write, phantom):
    wrong = (phantom.astype("<i2") - 1024).view("<u2")
    problem = refusal(write(wrong, RescaleIntercept=0))
    assert re.search(r"values from \d+ to 6\d{4} HU, which no CT holds", problem)


def test_padding_beyond_16_bits_that_is_not_declared_is_refused_not_clipped(write, phantom):
    stored = phantom.astype("<i2")
    stored[:, 0, 0] = -32768
    assert "values from -33792 to" in refusal(write(stored))


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
def test_a_rescale_that_one_slice_lacks_is_refused(write, phantom, keyword):
    """Its values would be 1,024 HU too high, and those of the others hide it."""
    folder = write(phantom, per_slice=lambda index: {keyword: None} if index == 4 else {})
    assert f"1 of 8 slices have no {keyword}, the others do" in refusal(folder)


def test_scanner_values_without_rescale(write, phantom):
    problem = refusal(write(phantom, RescaleIntercept=None, RescaleSlope=None))
    assert "8 slices have no RescaleIntercept, and values from 4 to" in problem


@pytest.mark.parametrize("syntax", [None, RLELossless, JPEG2000Lossless])
def test_truncated_files(write, phantom, syntax):
    folder = write(phantom, syntax=syntax)
    file = next(iter(sorted(folder.iterdir())))
    file.write_bytes(file.read_bytes()[:-400])
    assert "truncated or cannot be decoded" in refusal(folder)


def test_corrupt_pixel_data(write, phantom):
    folder = write(phantom, syntax=JPEG2000Lossless)
    file = next(iter(sorted(folder.iterdir())))
    dataset = pydicom.dcmread(file)
    dataset.PixelData = dataset.PixelData[:40] + bytes(len(dataset.PixelData) - 40)
    dataset.save_as(file)
    assert "truncated or cannot be decoded" in refusal(folder)


def test_a_corrupt_header_leaves_a_hole_and_a_warning(write, phantom, caplog):
    folder = write(phantom)
    (series,) = list_series(folder)
    file = Path(series.slices[3].location)
    # Rows as a binary number of 3 bytes
    file.write_bytes(file.read_bytes().replace(b"\x28\0\x10\0US\2\0", b"\x28\0\x10\0US\3\0"))
    assert "1 between z = 106.0 and 112.0 mm" in refusal(folder)
    assert "left out, of whatever series: damaged DICOM files (1)" in caplog.text
    (series,) = list_series(folder)
    assert "left out, of whatever series: damaged DICOM files (1)" in series.notes


def test_a_damaged_member_of_an_archive_leaves_a_hole_or_a_note(write, phantom, tmp_path):
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
        assert not missing or missing in refusal(archive)


def test_a_size_beyond_all_memory_is_refused(write, phantom):
    assert "do not fit into memory" in refusal(write(phantom, Rows=65_000, Columns=65_000))


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
def test_a_file_that_names_no_transfer_syntax_is_read(write, phantom, syntax):
    """As dcm2niix does: group 2 is there and lacks the one line."""
    folder = write(phantom, syntax=syntax)
    (series,) = list_series(folder)
    expected = sitk.GetArrayFromImage(load_series(series, patient="P"))
    for file in folder.iterdir():
        content = file.read_bytes()
        at = content.index(b"\x02\x00\x10\x00UI")
        length = 8 + int.from_bytes(content[at + 6 : at + 8], "little")
        group = int.from_bytes(content[140:144], "little") - length
        content = content[:at] + content[at + length :]
        file.write_bytes(content[:140] + group.to_bytes(4, "little") + content[144:])
        assert "TransferSyntaxUID" not in pydicom.dcmread(file).file_meta
    (series,) = list_series(folder)
    values = sitk.GetArrayFromImage(load_series(series, patient="P"))
    np.testing.assert_array_equal(values, expected)


def test_compressed_pixels_of_unknown_syntax_are_refused(write, phantom):
    folder = write(phantom, syntax=RLELossless)
    for file in folder.iterdir():
        file.write_bytes(without_preamble(file, meta=False))
    assert "cannot be decoded" in refusal(folder)


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


def ball(positions: np.ndarray, centre: np.ndarray, radius: float, shape, spacing) -> np.ndarray:
    """Sample a ball of 60 HU in air on axial planes, antialiased, positions in mm."""
    fine = (np.arange(4) - 1.5) / 4
    planes = []
    for x, y, z in positions:
        rows = y + spacing[0] * np.add.outer(np.arange(shape[0]), fine).ravel()
        columns = x + spacing[1] * np.add.outer(np.arange(shape[1]), fine).ravel()
        away = np.hypot.outer(rows - centre[1], columns - centre[0])
        inside = away**2 + (z - centre[2]) ** 2 < radius**2
        share = inside.reshape(shape[0], 4, shape[1], 4).mean(axis=(1, 3))
        planes.append(np.rint(1060 * share - 1000))
    return np.array(planes).astype("<i2")


@pytest.mark.parametrize("degrees", [18, -18])
def test_a_tilted_gantry_is_refused_or_straightened(write, dcm2niix, degrees):
    spacing, centre, radius = (0.9, 0.7), np.array([3.0, 4.0, 130.0]), 15.0
    step = np.array([0, -2 * np.tan(np.radians(degrees)), 2])
    origin = np.array([-20.0, -22.0 + 15 * np.tan(np.radians(degrees)) * 2, 100.0])
    positions = origin + np.outer(np.arange(30), step)
    stored = ball(positions, centre, radius, (60, 64), spacing)
    # the tag lies, geometry decides
    folder = write(stored, origin=origin, step=step, RescaleIntercept=0, GantryDetectorTilt=degrees)
    assert "tilted by 18.00 degrees, imaging.gantry_tilt is refuse" in refusal(folder)
    (series,) = list_series(folder)
    image = load_series(series, patient="P", gantry_tilt="resample")
    assert image.GetSpacing() == pytest.approx((0.7, 0.9, 2))
    assert image.GetSize()[1] > 60
    assert sitk.GetArrayViewFromImage(image).min() == -1024

    def centroid(volume):
        """Centre and volume of the ball, each voxel by its share between air and 60 HU."""
        share = np.clip((sitk.GetArrayFromImage(volume).astype(float) + 1000) / 1060, 0, 1)
        share[share < 0.02] = 0
        z, y, x = (np.average(index, weights=share) for index in np.indices(share.shape))
        middle = volume.TransformContinuousIndexToPhysicalPoint((x, y, z))
        return np.array(middle), share.sum() * np.prod(volume.GetSpacing())

    middle, amount = centroid(image)
    assert np.abs((middle - centre) / image.GetSpacing()).max() < 0.5
    assert amount == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.01)
    (theirs,) = (volume for name, volume in dcm2niix(folder).items() if "Tilt" in name)
    other, _ = centroid(theirs)
    assert np.abs((other - middle) / image.GetSpacing()).max() < 0.5


def test_the_tilt_tag_alone_tilts_nothing(write, phantom):
    (series,) = list_series(write(phantom, GantryDetectorTilt=15))
    assert load_series(series, patient="P").GetSize() == (36, 40, 8)
