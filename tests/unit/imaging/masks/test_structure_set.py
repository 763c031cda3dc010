"""What a structure set holds: read whole, or refused."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.data import get_testdata_file

from taceflow.errors import ExclusionError
from taceflow.imaging.masks.load import load_mask
from taceflow.imaging.masks.mask_file import ReferenceCT

FRAME = "1.2.826.0.1.3680043.8.498.9"


def test_points_and_open_lines(wide_ct, tmp_path, caplog, contour, drawn, square):
    outline = square(wide_ct, (5, 6), (9, 9), 3)
    others = [
        contour(outline[:1], "POINT"),
        contour(outline, "OPEN_PLANAR"),
        contour(outline[:2], "CLOSED_PLANAR"),
    ]
    assert drawn(tmp_path, wide_ct, outline, *others).sum() == 20
    assert "points or open lines, passed over: 2" in caplog.text
    assert "outlines of one or two points, passed over: 1" in caplog.text
    for other in others:
        with pytest.raises(ExclusionError, match="no closed outline"):
            drawn(tmp_path, wide_ct, other)


def test_a_frame_of_reference_that_the_file_lists_nowhere(wide_ct, tmp_path, rtstruct, square):
    """The region's own is an orphan: the one that the file lists, the CT's, counts."""
    outline = square(wide_ct, (5, 6), (9, 9), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), listed="1.2.3", series="1.7")
    mask = load_mask(path, "T", ReferenceCT(wide_ct, "1.2.3", "1.7"), patient="P")
    assert (int(sitk.GetArrayFromImage(mask.image).sum()), mask.on_series) == (20, True)
    assert "that the file lists nowhere" in mask.notes[0]
    both = rtstruct(tmp_path / "b.dcm", ("T", [outline]), listed=FRAME, series="1.7")
    dataset = pydicom.dcmread(both)
    dataset.FrameOfReferenceUID = "1.2.3"
    dataset.save_as(both)
    # listed, so it is meant: another scan of the same patient
    with pytest.raises(ExclusionError, match="drawn in another frame of reference than"):
        load_mask(both, "T", ReferenceCT(wide_ct, "1.2.3", "1.8"), patient="P")


@pytest.mark.parametrize("fault", ["absent", "empty"])
def test_a_contour_without_a_point_is_passed_over(
    wide_ct, tmp_path, fault, rtstruct, square, voxels
):
    good = square(wide_ct, (5, 6), (9, 9), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [good, good]), ("Liver", [good]))
    dataset = pydicom.dcmread(path)
    for item in dataset.ROIContourSequence:
        empty = item.ContourSequence[-1]
        del empty.ContourData
        if fault == "empty":
            empty.ContourData = None
    dataset.save_as(path)
    # the liver has nothing else: "" takes the only region that was drawn
    mask = load_mask(path, "", ReferenceCT(wide_ct), patient="P")
    assert sitk.GetArrayFromImage(mask.image).sum() == 20
    assert mask.notes == ("outlines without a point, passed over: 1",)
    with pytest.raises(ExclusionError, match="the region has no closed outline"):
        voxels(path, "Liver", wide_ct)


@pytest.mark.parametrize("kind", ["", "SPLINE", None])
def test_an_outline_that_does_not_say_whether_it_is_closed_is_not_left_out(
    wide_ct, tmp_path, kind, rtstruct, square, voxels
):
    outlines = [square(wide_ct, (5, 6), (9, 9), level) for level in (3, 4)]
    path = rtstruct(tmp_path / "rs.dcm", ("T", outlines))
    dataset = pydicom.dcmread(path)
    item = dataset.ROIContourSequence[0].ContourSequence[0]
    item.ContourGeometricType = "closed_planar "
    dataset.save_as(path)
    assert voxels(path, "T", wide_ct).sum() == 40
    item.ContourGeometricType = kind
    dataset.save_as(path)
    with pytest.raises(ExclusionError, match="1 of 2 outlines of the region does not say whether"):
        voxels(path, "T", wide_ct)


def test_broken_structure_sets_are_refused(wide_ct, tmp_path, rtstruct, square, voxels):
    path = rtstruct(tmp_path / "rs.dcm", ("T", [square(wide_ct, (5, 6), (9, 9), 3)]))
    dataset = pydicom.dcmread(path)
    item = dataset.ROIContourSequence[0].ContourSequence[0]
    item.ContourData = item.ContourData[:-1]
    dataset.save_as(path)
    with pytest.raises(ExclusionError, match="an outline's numbers are no points of three"):
        voxels(path, "T", wide_ct)
    del dataset.StructureSetROISequence
    dataset.save_as(path)
    with pytest.raises(
        ExclusionError, match=r"no usable RTSTRUCT \(it lacks StructureSetROISequence\)"
    ):
        voxels(path, "T", wide_ct)


@pytest.mark.parametrize("number", ["nan", "1e400", "-inf"])
def test_points_that_are_no_numbers_are_refused(
    wide_ct, tmp_path, number, rtstruct, square, voxels
):
    path = rtstruct(tmp_path / "rs.dcm", ("T", [square(wide_ct, (5, 6), (9, 9), 3)]))
    content = Path(path).read_bytes()
    point = str(pydicom.dcmread(path).ROIContourSequence[0].ContourSequence[0].ContourData[0])
    written = next(one for one in (f"{float(point):.4f}", point) if one.encode() in content)
    Path(path).write_bytes(content.replace(written.encode(), number.ljust(len(written)).encode()))
    with pytest.raises(ExclusionError, match="points that are no numbers"):
        voxels(path, "T", wide_ct)


def test_one_number_for_two_regions_is_refused(wide_ct, tmp_path, rtstruct, square, voxels):
    outline = square(wide_ct, (5, 6), (9, 9), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), ("Liver", [outline]))
    dataset = pydicom.dcmread(path)
    for sequence in (dataset.StructureSetROISequence, dataset.ROIContourSequence):
        for keyword in ("ROINumber", "ReferencedROINumber"):
            if keyword in sequence[1]:
                setattr(sequence[1], keyword, 7)
    dataset.save_as(path)
    with pytest.raises(ExclusionError, match="two regions have the number 7"):
        voxels(path, "T", wide_ct)
    dataset.StructureSetROISequence[1].ROIName = "T"
    dataset.save_as(path)
    # listed twice, drawn twice: an outline counts once
    assert voxels(path, "T", wide_ct).sum() == 20


def test_pydicoms_structure_set_without_preamble(voxels):
    """Its outlines are 10 mm apart; on 5 mm slices those between are interpolated."""
    path = get_testdata_file("rtstruct.dcm")
    ct = sitk.Image((250, 250, 10), sitk.sitkInt16)
    ct.SetSpacing((2.0, 2.0, 5.0))
    ct.SetOrigin((-249.0, -249.0, -215.0))
    dataset = pydicom.dcmread(path, force=True)
    areas = []
    for one in dataset.ROIContourSequence[0].ContourSequence:
        x, y, _ = np.reshape(np.array(one.ContourData, dtype=float), (-1, 3)).T
        areas.append(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)
    values = voxels(path, "", ct)
    counts = {level: plane.sum() * 4 for level, plane in enumerate(values) if plane.any()}
    assert list(counts) == [3, 4, 5, 6, 7]
    assert [counts[level] for level in (3, 5, 7)] == pytest.approx(areas, rel=0.01)
