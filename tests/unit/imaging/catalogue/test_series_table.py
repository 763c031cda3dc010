"""One row a series."""

import shutil

import numpy as np
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
)

AXIAL = (1, 0, 0, 0, 1, 0)


def test_a_row_describes_its_series(root, build, stack):
    stack(
        root,
        6,
        ContrastBolusAgent="Iohexol",
        ContrastBolusStartTime="093000",
        syntax=DeflatedExplicitVRLittleEndian,
    )
    build()
    row = build.series.loc[0]
    assert row[["modality", "kind", "orientation"]].tolist() == ["CT", "ct", "axial"]
    assert row[["files", "slices", "rows", "columns", "contrast"]].tolist() == [6, 6, 8, 10, 1]
    assert row[["slice_spacing_mm", "pixel_spacing_mm", "delay_s"]].tolist() == [5, 0.8, 35.5]
    assert row[["acquisitions", "slice_spacing_uneven", "order_in_study"]].tolist() == [1, 0, 1]
    assert row["transfer_syntax"] == "DeflatedExplicitVRLittleEndian"
    assert row["description"] == "ART 5.0"


def test_a_missing_slice_shows_as_uneven_and_a_second_copy_changes_nothing(root, build, stack):
    files = stack(root, 6)
    shutil.copy(files[2], root / "copy")
    build()
    assert build.series.loc[0, ["files", "slices", "slice_spacing_uneven"]].tolist() == [7, 6, 0]
    files[3].unlink()
    build()
    row = build.series.loc[0]
    assert row[["files", "slices", "slice_spacing_uneven"]].tolist() == [6, 5, 1]
    assert row["slice_spacing_mm"] == 5


def test_two_acquisitions_in_one_series_are_counted(root, build, dicom, stack, uid):
    stack(root, 4)
    for index in range(4):
        dicom(root / f"again{index}", index=index, SOPInstanceUID=uid("again", index))
    build()
    assert build.series.loc[0, ["slices", "acquisitions"]].tolist() == [8, 2]
    assert build.series.loc[0, "slice_spacing_mm"] == 5


def tilted(degrees: float) -> list[float]:
    angle = np.radians(degrees)
    return [1, 0, 0, 0, float(np.cos(angle)), float(np.sin(angle))]


@pytest.mark.parametrize(
    ("cosines", "name"),
    [
        (AXIAL, "axial"),
        (tilted(25), "axial"),
        (tilted(45), "oblique"),
        ((1, 0, 0, 0, 0, -1), "coronal"),
        ((0, 1, 0, 0, 0, -1), "sagittal"),
    ],
)
def test_orientations(root, build, cosines, name, stack):
    cosines = [round(value, 12) for value in cosines]
    stack(root, 2, ImageOrientationPatient=cosines)
    build()
    assert build.series.loc[0, "orientation"] == name


def test_mixed_planes_have_no_spacing(root, build, stack):
    stack(root, 2)
    stack(root, 2, ImageOrientationPatient=[1, 0, 0, 0, 0, -1], AcquisitionNumber=2)
    build()
    assert build.series.loc[0, "orientation"] == "mixed"
    assert np.isnan(build.series.loc[0, "slice_spacing_mm"])


def test_studies_and_series_are_ordered_by_time(root, build, dicom):
    dicom(root / "a", study=1, StudyDate="20130310", number=1)
    dicom(root / "b", study=2, StudyDate="2013.01.15", number=9, AcquisitionTime="09:31:00")
    dicom(root / "c", study=2, StudyDate="20130115", number=2, AcquisitionTime="093200")
    dicom(root / "d", study=2, StudyDate="20130115", number=3, AcquisitionTime=None)
    dicom(root / "e", study=3, StudyDate="20130310", StudyTime="080000", number=7)
    dicom(root / "f", study=4, StudyDate=None, number=8)
    build()
    table = build.series[["study", "days", "series_number", "order_in_study"]]
    assert table.fillna(-1).astype(int).to_numpy().tolist() == [
        *([1, 0, 9, 1], [1, 0, 2, 2], [1, 0, 3, 3]),
        *([2, 54, 7, 1], [3, 54, 1, 1], [4, -1, 8, 1]),
    ]
