"""Masks as outlines of an RTSTRUCT: against geometry, and against other ways of filling them."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from matplotlib.path import Path as Polygon
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from scipy import ndimage

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series
from taceflow.imaging.masks.load import load_mask
from taceflow.imaging.masks.mask_file import ReferenceCT
from taceflow.imaging.masks.polygons import fill_polygons, interpolate_shape
from taceflow.imaging.masks.structure_set import STORAGE

FRAME = "1.2.826.0.1.3680043.8.498.9"
FIRST_X, FIRST_Y, FIRST_Z = -35.0, 12.0, 100.0


@pytest.fixture
def reference():
    image = sitk.Image((60, 50, 14), sitk.sitkInt16)
    image.SetSpacing((2.0, 2.0, 5.0))
    image.SetOrigin((FIRST_X, FIRST_Y, FIRST_Z))
    return image


def rtstruct(path, *regions, kind="CLOSED_PLANAR", frame="roi", listed=None, series=None):
    """Write an RTSTRUCT of regions (name, outlines); outlines are LPS points in mm or contours.

    Its list of frames of reference holds `listed`, on which `series` was taken.
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = STORAGE
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID = STORAGE
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.StructureSetROISequence, dataset.ROIContourSequence = [], []
    for number, (name, outlines) in enumerate(regions, start=7):
        region, item = Dataset(), Dataset()
        region.ROINumber, region.ROIName = number, name
        item.ReferencedROINumber = number
        if frame == "roi":
            region.ReferencedFrameOfReferenceUID = FRAME
        if outlines is not None:
            item.ContourSequence = [
                one if isinstance(one, Dataset) else contour(one, kind) for one in outlines
            ]
        dataset.StructureSetROISequence.append(region)
        dataset.ROIContourSequence.append(item)
    if frame == "object":
        dataset.FrameOfReferenceUID = FRAME
    elif frame == "sequence":
        reference = Dataset()
        reference.FrameOfReferenceUID = FRAME
        dataset.ReferencedFrameOfReferenceSequence = [reference]
    if listed:
        reference, study, drawn_on = Dataset(), Dataset(), Dataset()
        drawn_on.SeriesInstanceUID = series
        study.RTReferencedSeriesSequence = [drawn_on]
        reference.FrameOfReferenceUID = listed
        reference.RTReferencedStudySequence = [study]
        dataset.ReferencedFrameOfReferenceSequence = [reference]
    dataset.save_as(path, enforce_file_format=True)
    return str(path)


def contour(points, kind):
    made = Dataset()
    made.ContourGeometricType = kind
    made.NumberOfContourPoints = len(points)
    made.ContourData = [f"{value:.4f}" for point in points for value in point]
    return made


def square(reference, low, high, level):
    """A square around the voxels low..high (inclusive) of a slice, through voxel borders."""
    corners = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    shift = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
    return [
        reference.TransformContinuousIndexToPhysicalPoint((x + dx, y + dy, float(level)))
        for (x, y), (dx, dy) in zip(corners, shift, strict=True)
    ]


def circle(centre, radii, z, points=400):
    """An ellipse in mm."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    x, y = centre[0] + radii[0] * np.cos(angle), centre[1] + radii[1] * np.sin(angle)
    return np.column_stack([x, y, np.full(points, z)])


def voxels(path, roi, reference, frame_of_reference=None, **options):
    target = ReferenceCT(reference, frame_of_reference)
    return sitk.GetArrayFromImage(load_mask(path, roi, target, patient="P", **options).image)


def drawn(tmp_path, reference, *outlines, **options):
    return voxels(rtstruct(tmp_path / "rs.dcm", ("T", outlines), **options), "T", reference)


@pytest.mark.parametrize("kind", ["CLOSED_PLANAR", "CLOSEDPLANAR_XOR", "INTERPOLATED_PLANAR"])
def test_islands_and_holes(reference, tmp_path, kind):
    contours = [square(reference, (5, 6), (14, 15), level) for level in (3, 4)]
    contours.append(square(reference, (8, 9), (12, 13), 4))
    contours.append(square(reference, (9, 10), (10, 11), 4))
    contours.append(square(reference, (20, 20), (22, 22), 4))
    values = drawn(tmp_path, reference, *contours, kind=kind)
    expected = np.zeros_like(values)
    expected[3:5, 6:16, 5:15] = 1
    expected[4, 9:14, 8:13] = 0
    expected[4, 10:12, 9:11] = 1
    expected[4, 20:23, 20:23] = 1
    np.testing.assert_array_equal(values, expected)


def test_the_class_of_the_files_head_tells_what_it_is(reference, tmp_path):
    path = rtstruct(tmp_path / "rs.dcm", ("T", [square(reference, (5, 6), (14, 15), 4)]))
    whole = voxels(path, "T", reference)
    dataset = pydicom.dcmread(path)
    del dataset.SOPClassUID
    dataset.save_as(path)
    np.testing.assert_array_equal(voxels(path, "T", reference), whole)


def test_a_keyhole_is_a_hole(reference, tmp_path):
    outer = square(reference, (5, 6), (14, 15), 4)
    inner = square(reference, (8, 9), (10, 11), 4)
    # round the outside, through a channel of no width, round the inside, and back
    keyhole = [*outer, outer[0], inner[0], inner[3], inner[2], inner[1], inner[0]]
    values = drawn(tmp_path, reference, keyhole)
    expected = np.zeros_like(values)
    expected[4, 6:16, 5:15] = 1
    expected[4, 9:12, 8:11] = 0
    np.testing.assert_array_equal(values, expected)


def test_an_outline_drawn_twice_counts_once(reference, tmp_path, caplog):
    outline = square(reference, (5, 6), (14, 15), 4)
    turned = [outline[2], outline[1], outline[0], outline[3]]
    assert drawn(tmp_path, reference, outline, turned).sum() == 100
    assert "twice" in caplog.text


def test_outlines_that_cross_are_refused_unless_the_file_says_xor(reference, tmp_path):
    pair = (square(reference, (5, 6), (14, 15), 4), square(reference, (10, 6), (19, 15), 4))
    with pytest.raises(ExclusionError, match=r"two outlines of a slice cross: 50 voxels"):
        drawn(tmp_path, reference, *pair)
    assert drawn(tmp_path, reference, *pair, kind="CLOSEDPLANAR_XOR").sum() == 100


@pytest.mark.parametrize("radii", [(40.0, 30.0), (25.0, 44.0)])
def test_areas_of_an_ellipse_and_an_annulus(tmp_path, radii):
    fine = sitk.Image((240, 200, 3), sitk.sitkInt16)
    fine.SetSpacing((0.5, 0.5, 5.0))
    fine.SetOrigin((FIRST_X, FIRST_Y, FIRST_Z))
    outer = circle((20.2, 61.3), radii, FIRST_Z)
    inner = circle((20.2, 61.3), (10.0, 12.0), FIRST_Z)
    full = drawn(tmp_path, fine, outer).sum() * 0.25
    assert full == pytest.approx(np.pi * radii[0] * radii[1], rel=0.003)
    ring = drawn(tmp_path, fine, outer, inner).sum() * 0.25
    assert ring == pytest.approx(np.pi * (radii[0] * radii[1] - 120), rel=0.003)


def test_no_area_is_gained_or_lost_on_coarse_voxels():
    """One ellipse counts too few or too many voxels by chance, 300 of them do not."""
    rng = np.random.default_rng(4)
    areas = [
        fill_polygons([circle(rng.uniform(20, 25, 2), (9, 7), 0)[:, :2]], (45, 45)).sum()
        for _ in range(300)
    ]
    assert np.mean(areas) == pytest.approx(np.pi * 63, rel=0.002)
    assert np.max(np.abs(np.array(areas) / (np.pi * 63) - 1)) < 0.06


def star(rng, points=37):
    """A random outline without crossings, in voxels."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, points))
    radius = rng.uniform(4, 18, points)
    centre = rng.uniform(18, 26, 2)
    return centre + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def test_filling_equals_another_rasteriser_voxel_by_voxel():
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:45, :50]
    centres = np.column_stack([x.ravel(), y.ravel()])
    for _ in range(40):
        polygons = [star(rng), star(rng)]
        other = np.zeros(x.shape, dtype=bool)
        for polygon in polygons:
            other ^= Polygon(polygon).contains_points(centres).reshape(x.shape)
        np.testing.assert_array_equal(fill_polygons(polygons, x.shape), other)


def test_filling_against_a_supersampled_reference():
    """Each voxel is in if half of it is, but for those that the border cuts near the middle."""
    rng = np.random.default_rng(6)
    fine = (np.arange(16) + 0.5) / 16 - 0.5
    for _ in range(10):
        polygon = star(rng)
        at_x = (np.arange(50)[:, None] + fine).ravel()
        at_y = (np.arange(45)[:, None] + fine).ravel()
        points = np.stack(np.meshgrid(at_x, at_y), axis=-1).reshape(-1, 2)
        inside = Polygon(polygon).contains_points(points).reshape(45, 16, 50, 16)
        share = inside.mean(axis=(1, 3))
        filled = fill_polygons([polygon], (45, 50))
        assert filled.sum() == pytest.approx(share.sum(), rel=0.03)
        assert filled[share == 1].all()
        assert not filled[share == 0].any()
        both = (filled & (share >= 0.5)).sum()
        assert 2 * both / (filled.sum() + (share >= 0.5).sum()) > 0.97


def test_an_outline_through_voxel_centres_takes_half_of_its_border():
    """As many voxels as its area, whatever noise the way through millimetres brings."""
    corners = np.array([[5, 6], [15, 6], [15, 16], [5, 16]], dtype=float)
    assert fill_polygons([corners], (30, 30)).sum() == 100
    assert fill_polygons([corners[::-1]], (30, 30)).sum() == 100


def test_planes_between_the_slices_go_to_the_nearest(reference, tmp_path):
    """Planes 0.3 slices beside the CT's: each slice has its own, none is mixed with another."""
    sizes = {level: 14 + level for level in range(3, 9)}
    outlines = [square(reference, (5, 6), (high, 15), level + 0.3) for level, high in sizes.items()]
    values = drawn(tmp_path, reference, *outlines)
    counts = {level: int(plane.sum()) for level, plane in enumerate(values) if plane.any()}
    assert counts == {level: (high - 4) * 10 for level, high in sizes.items()}


@pytest.mark.parametrize("midway", [0.5, -0.5, 0.4999999])
def test_planes_midway_between_slices_count_once(reference, tmp_path, midway):
    outlines = [square(reference, (5, 6), (14, 15), level + midway) for level in range(3, 9)]
    assert drawn(tmp_path, reference, *outlines).sum() == 6 * 100


def test_planes_closer_than_the_slices_are_not_mixed(reference, tmp_path, caplog):
    """Every millimetre on slices of 5 mm: an even number of planes a slice would cancel by xor."""
    outlines = [circle((20, 60), (20, 20), FIRST_Z + 20 + offset) for offset in range(21)]
    with caplog.at_level("INFO"):
        values = drawn(tmp_path, reference, *outlines)
    assert [level for level, plane in enumerate(values) if plane.any()] == [4, 5, 6, 7, 8]
    assert len({int(plane.sum()) for plane in values[4:9]}) == 1
    assert "16 planes lie between slices and are not used" in caplog.text


@pytest.mark.parametrize("every", [2, 3])
def test_skipped_slices_are_interpolated_by_shape(tmp_path, every, caplog):
    """A cone drawn on every second or third slice: radii between are the mean of the radii."""
    ct = sitk.Image((120, 120, 20), sitk.sitkInt16)
    ct.SetSpacing((1.0, 1.0, 5.0))
    levels = range(1, 1 + 5 * every, every)
    radius = {level: 20.0 + 1.5 * level for level in range(levels[0], levels[-1] + 1)}
    outlines = [circle((60, 60), (radius[level],) * 2, 5.0 * level) for level in levels]
    with caplog.at_level("INFO"):
        values = drawn(tmp_path, ct, *outlines)
    assert [level for level, plane in enumerate(values) if plane.any()] == list(radius)
    for level, wanted in radius.items():
        assert values[level].sum() == pytest.approx(np.pi * wanted**2, rel=0.03), level
    assert f"{4 * (every - 1)} slices between the outlines are interpolated" in caplog.text


def test_outlines_of_thicker_slices_of_the_same_scan(tmp_path):
    """Drawn on 5 mm, read on 2 mm: no stripes, and nothing beyond the outermost outlines."""
    ct = sitk.Image((120, 120, 30), sitk.sitkInt16)
    ct.SetSpacing((1.0, 1.0, 2.0))
    outlines = [circle((60.3, 59.6), (25, 25), z) for z in range(10, 45, 5)]
    values = drawn(tmp_path, ct, *outlines)
    assert [level for level, plane in enumerate(values) if plane.any()] == list(range(5, 21))
    assert values.sum() == pytest.approx(16 * np.pi * 625, rel=0.01)


@pytest.mark.parametrize("levels", [(2, 3, 4, 6, 7), (2, 4), (1, 3, 4, 7, 8, 10), (2, 6, 10)])
def test_uneven_gaps_stay_open(reference, tmp_path, levels, caplog):
    outlines = [square(reference, (5, 6), (14, 15), level) for level in levels]
    values = drawn(tmp_path, reference, *outlines)
    assert [level for level, plane in enumerate(values) if plane.any()] == list(levels)
    empty = levels[-1] - levels[0] + 1 - len(levels)
    assert f"{empty} slices between the outlines have none and stay empty" in caplog.text


def test_two_tumours_apart_are_not_joined(reference, tmp_path):
    """Every second slice in both, five slices apart."""
    outlines = [square(reference, (5, 6), (14, 15), level) for level in (0, 2, 4, 9, 11, 13)]
    values = drawn(tmp_path, reference, *outlines)
    full = [level for level, plane in enumerate(values) if plane.any()]
    assert full == [0, 1, 2, 3, 4, 9, 10, 11, 12, 13]


def test_interpolation_of_shapes_apart_invents_nothing():
    one, other = np.zeros((2, 40, 40), dtype=bool)
    one[5:10, 5:10] = other[30:35, 30:35] = True
    assert not interpolate_shape(one, other, 0.5).any()
    np.testing.assert_array_equal(interpolate_shape(one, one, 0.3), one)
    assert not interpolate_shape(one, np.zeros_like(one), 0.5).any()


def test_oblique_and_sagittal_outlines(reference, tmp_path):
    tilted = [(x, y, z + 0.1 * y) for x, y, z in square(reference, (5, 6), (14, 15), 4)]
    sagittal = [(10.0, 20.0, 110.0), (10.0, 60.0, 110.0), (10.0, 60.0, 140.0)]
    for outline in (tilted, sagittal):
        with pytest.raises(ExclusionError, match="lies across the slices of the CT, over"):
            drawn(tmp_path, reference, outline)
    turn = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], dtype=float)
    tip = np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])
    for direction in (turn, tip, turn @ tip):
        reference.SetDirection(direction.ravel().tolist())
        outlines = [square(reference, (5, 6), (14, 15), level) for level in (4, 5)]
        assert drawn(tmp_path, reference, *outlines)[4:6, 6:16, 5:15].sum() == 200


def test_outlines_outside_the_ct_are_refused(reference, tmp_path):
    inside = square(reference, (5, 6), (9, 9), 3)
    for outline in (
        square(reference, (5, 6), (9, 9), 40),
        square(reference, (5, 6), (9, 9), -0.7),
        square(reference, (55, 6), (63, 9), 3),
        square(reference, (-4, 6), (9, 9), 3),
    ):
        with pytest.raises(ExclusionError, match="1 of 2 outlines lie outside the CT"):
            drawn(tmp_path, reference, inside, outline)
    edge = square(reference, (0, 0), (59, 49), 13)
    assert drawn(tmp_path, reference, edge).sum() == 60 * 50


def test_points_and_open_lines(reference, tmp_path, caplog):
    outline = square(reference, (5, 6), (9, 9), 3)
    others = [
        contour(outline[:1], "POINT"),
        contour(outline, "OPEN_PLANAR"),
        contour(outline[:2], "CLOSED_PLANAR"),
    ]
    assert drawn(tmp_path, reference, outline, *others).sum() == 20
    assert "2 points or open lines are passed over" in caplog.text
    assert "outlines of one or two points, passed over: 1" in caplog.text
    for other in others:
        with pytest.raises(ExclusionError, match="no closed outline"):
            drawn(tmp_path, reference, other)


def test_names_of_regions(reference, tmp_path):
    small, large = (square(reference, (5, 6), (high, 9), 3) for high in (9, 14))
    path = rtstruct(
        tmp_path / "rs.dcm", ("GTV_Mass", [small]), ("gtv_mass_2", [large]), ("Empty", None)
    )
    cases = {"GTV_Mass ": 20, "gtv_mass": 20, "GTV_MASS_2": 40, "8": 40, "*": 40, "7;8": 40}
    for roi, count in cases.items():
        assert voxels(path, roi, reference).sum() == count, roi
    with pytest.raises(ExclusionError, match="the region has no closed outline"):
        voxels(path, "Empty", reference)
    with pytest.raises(
        ExclusionError, match=r"P: the region that the table names is not there.*: 7, 8, 9"
    ):
        voxels(path, "Tumor", reference)
    with pytest.raises(ExclusionError, match=r"several regions \(2\)"):
        voxels(path, "", reference)
    alike = rtstruct(tmp_path / "a.dcm", ("GTV", [small]), ("gtv", [large]), ("Gtv", [large]))
    assert voxels(alike, "gtv", reference).sum() == 40
    with pytest.raises(ExclusionError, match="3 regions have the name"):
        voxels(alike, "GTV ", reference)
    twice = rtstruct(tmp_path / "b.dcm", ("GTV", [small]), ("GTV", [large]))
    with pytest.raises(ExclusionError, match=r"2 regions have the name.*: 7, 8"):
        voxels(twice, "GTV", reference)
    only = rtstruct(tmp_path / "c.dcm", ("Liver", None), ("GTV", [small]))
    assert voxels(only, "", reference).sum() == 20


def test_regions_that_overlap_are_united_not_cancelled(reference, tmp_path):
    liver, tumour = square(reference, (5, 6), (14, 15), 3), square(reference, (8, 9), (10, 11), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("Liver", [liver]), ("Tumour", [tumour]))
    assert voxels(path, "Liver;Tumour", reference).sum() == 100


@pytest.mark.parametrize("frame", ["roi", "object", "sequence"])
def test_the_frame_of_reference_must_be_the_cts(reference, tmp_path, frame):
    outline = square(reference, (5, 6), (9, 9), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), frame=frame)
    for known in (FRAME, None, ""):
        assert voxels(path, "T", reference, frame_of_reference=known).sum() == 20
    with pytest.raises(ExclusionError, match="another frame of reference than the CT's") as raised:
        voxels(path, "T", reference, frame_of_reference="1.2.3")
    assert FRAME not in str(raised.value)
    unknown = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), frame="none")
    assert voxels(unknown, "T", reference, frame_of_reference="1.2.3").sum() == 20


def test_a_frame_of_reference_that_the_file_lists_nowhere(reference, tmp_path):
    """The region's own is an orphan: the one that the file lists, the CT's, counts."""
    outline = square(reference, (5, 6), (9, 9), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), listed="1.2.3", series="1.7")
    mask = load_mask(path, "T", ReferenceCT(reference, "1.2.3", "1.7"), patient="P")
    assert (int(sitk.GetArrayFromImage(mask.image).sum()), mask.on_series) == (20, True)
    assert "that the file lists nowhere" in mask.notes[0]
    both = rtstruct(tmp_path / "b.dcm", ("T", [outline]), listed=FRAME, series="1.7")
    dataset = pydicom.dcmread(both)
    dataset.FrameOfReferenceUID = "1.2.3"
    dataset.save_as(both)
    # listed, so it is meant: another scan of the same patient
    with pytest.raises(ExclusionError, match="drawn in another frame of reference than"):
        load_mask(both, "T", ReferenceCT(reference, "1.2.3", "1.8"), patient="P")


def test_the_series_and_the_slices_outweigh_another_frame(reference, tmp_path):
    on_slice, beside = (square(reference, (5, 6), (9, 9), level) for level in (3, 3.3))
    target = ReferenceCT(reference, "1.2.3", "1.7")
    path = rtstruct(tmp_path / "rs.dcm", ("T", [on_slice]), listed=FRAME, series="1.7")
    mask = load_mask(path, "T", target, patient="P")
    assert (int(sitk.GetArrayFromImage(mask.image).sum()), mask.on_series) == (20, True)
    assert "another frame of reference than the CT's, but" in mask.notes[0]
    for outline, series, words in (
        (beside, "1.7", "lies beside its slices, though it names the CT's series"),
        (on_slice, "1.8", "drawn in another frame of reference than the CT's"),
    ):
        path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), listed=FRAME, series=series)
        with pytest.raises(ExclusionError, match=words):
            load_mask(path, "T", target, patient="P")


def test_the_series_on_which_it_was_drawn_is_told(reference, tmp_path):
    outline = square(reference, (5, 6), (9, 9), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), listed=FRAME, series="1.7")
    for uid, told in (("1.7", True), ("1.8", False), (None, None)):
        assert (
            load_mask(path, "T", ReferenceCT(reference, FRAME, uid), patient="P").on_series is told
        )
    silent = rtstruct(tmp_path / "s.dcm", ("T", [outline]))
    assert (
        load_mask(silent, "T", ReferenceCT(reference, FRAME, "1.7"), patient="P").on_series is None
    )


RING = [(0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1)]


def walk(mask, start, back):
    """Go round a border from voxel to neighbouring voxel; `back` looks out of the mask."""
    here, path, first = start, [], None
    while True:
        turns = [(back + turn) % 8 for turn in range(1, 9)]
        to = next((one for one in turns if mask[tuple(np.add(here, RING[one]))]), None)
        if to is None:
            return [here]
        if here == start and to == first:
            return path
        first = to if first is None else first
        path.append(here)
        seen, there = (tuple(np.add(here, RING[one])) for one in (to - 1, to))
        back, here = RING.index(tuple(np.subtract(seen, there).tolist())), there


def walks(mask, *, corners_only):
    """Every border of a mask as OpenCV's findContours returns it: (column, row)."""
    padded = np.pad(mask, 1)
    parts, count = ndimage.label(padded, np.ones((3, 3)))
    voids, holes = ndimage.label(~padded)
    starts = [(np.argwhere(parts == part)[0], 0) for part in range(1, count + 1)]
    starts += [(np.argwhere(voids == hole)[0] - [0, 1], 4) for hole in range(2, holes + 1)]
    found = []
    for start, back in starts:
        path = np.array(walk(padded, tuple(start.tolist()), back))[:, ::-1] - 1
        steps = path - np.roll(path, 1, axis=0)
        turns = (steps != np.roll(steps, -1, axis=0)).any(axis=1)
        found.append(path[turns] if corners_only and turns.any() else path)
    return found


@pytest.mark.parametrize("corners_only", [True, False])
@pytest.mark.parametrize("turned", [False, True])
def test_a_mask_that_was_written_as_its_border_comes_back(
    reference, tmp_path, corners_only, turned
):
    """As rt-utils writes it: islands, holes, islands in holes, lines, single voxels."""
    rng = np.random.default_rng(2)
    if turned:
        reference.SetDirection([0.8, -0.6, 0, 0.6, 0.8, 0, 0, 0, 1])
    mask = np.zeros((14, 50, 60), dtype=bool)
    for level, smooth in enumerate(np.linspace(0.3, 3, 11), start=1):
        noise = ndimage.gaussian_filter(rng.standard_normal((46, 56)), smooth)
        mask[level, 2:48, 2:58] = noise > np.quantile(noise, rng.uniform(0.3, 0.95))
    mask[12, 10:20, 10:20] = True
    mask[12, 11:19, 11:19] = False  # a rim of one voxel, and one voxel in it
    mask[12, 15, 15] = mask[12, 30, 40] = True
    mask[12, 40, [41, 43]] = mask[12, [39, 41], 42] = True  # four around a hole
    outlines = [
        [reference.TransformIndexToPhysicalPoint((*place, level)) for place in path.tolist()]
        for level in range(14)
        for path in walks(mask[level], corners_only=corners_only)
    ]
    path = rtstruct(tmp_path / "rs.dcm", ("T", outlines))
    loaded = load_mask(path, "T", ReferenceCT(reference), patient="P")
    np.testing.assert_array_equal(sitk.GetArrayFromImage(loaded.image) > 0, mask)
    assert loaded.notes == (
        "outlines run through voxel centres, as of a mask: its rim is part of it",
    )


def test_drawn_outlines_are_not_taken_for_a_masks_border(reference, tmp_path):
    """Corners on centres but edges of any slope, or one corner beside a centre: areas count."""
    for corners in ([(5, 6), (25, 10), (14, 30)], [(5, 6), (15, 6), (15, 16.3), (5, 16)]):
        polygon = np.array(corners, dtype=float)
        outline = [
            reference.TransformContinuousIndexToPhysicalPoint((x, y, 3.0)) for x, y in polygon
        ]
        expected = fill_polygons([polygon], (50, 60)).sum()
        path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]))
        mask = load_mask(path, "T", ReferenceCT(reference), patient="P")
        assert sitk.GetArrayFromImage(mask.image).sum() == expected
        told = ("corners on voxel centres but no mask's border: filled as drawn, without rim",)
        assert mask.notes == (told if (polygon == polygon.round()).all() else ())


@pytest.mark.parametrize("level", [4.5, 3.8])
def test_outlines_beside_the_slices_are_told(reference, tmp_path, level):
    outline = square(reference, (5, 6), (14, 15), level)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]))
    (note,) = load_mask(path, "T", ReferenceCT(reference), patient="P").notes
    beside = 5 * abs(level - round(level))
    assert note.startswith(f"outlines lie up to {beside:.2f} mm beside the CT's slices")
    on_slice = rtstruct(tmp_path / "rs.dcm", ("T", [square(reference, (5, 6), (14, 15), 4.002)]))
    assert load_mask(on_slice, "T", ReferenceCT(reference), patient="P").notes == ()


@pytest.mark.parametrize("fault", ["absent", "empty"])
def test_a_contour_without_a_point_is_passed_over(reference, tmp_path, fault):
    good = square(reference, (5, 6), (9, 9), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [good, good]), ("Liver", [good]))
    dataset = pydicom.dcmread(path)
    for item in dataset.ROIContourSequence:
        empty = item.ContourSequence[-1]
        del empty.ContourData
        if fault == "empty":
            empty.ContourData = None
    dataset.save_as(path)
    # the liver has nothing else: "" takes the only region that was drawn
    mask = load_mask(path, "", ReferenceCT(reference), patient="P")
    assert sitk.GetArrayFromImage(mask.image).sum() == 20
    assert mask.notes == ("outlines without a point, passed over: 1",)
    with pytest.raises(ExclusionError, match="the region has no closed outline"):
        voxels(path, "Liver", reference)


@pytest.mark.parametrize("kind", ["", "SPLINE", None])
def test_an_outline_that_does_not_say_whether_it_is_closed_is_not_left_out(
    reference, tmp_path, kind
):
    outlines = [square(reference, (5, 6), (9, 9), level) for level in (3, 4)]
    path = rtstruct(tmp_path / "rs.dcm", ("T", outlines))
    dataset = pydicom.dcmread(path)
    item = dataset.ROIContourSequence[0].ContourSequence[0]
    item.ContourGeometricType = "closed_planar "
    dataset.save_as(path)
    assert voxels(path, "T", reference).sum() == 40
    item.ContourGeometricType = kind
    dataset.save_as(path)
    with pytest.raises(ExclusionError, match="1 of 2 outlines of the region do not say whether"):
        voxels(path, "T", reference)


def test_broken_structure_sets_are_refused(reference, tmp_path):
    path = rtstruct(tmp_path / "rs.dcm", ("T", [square(reference, (5, 6), (9, 9), 3)]))
    dataset = pydicom.dcmread(path)
    item = dataset.ROIContourSequence[0].ContourSequence[0]
    item.ContourData = item.ContourData[:-1]
    dataset.save_as(path)
    with pytest.raises(ExclusionError, match="an outline's numbers are no points of three"):
        voxels(path, "T", reference)
    del dataset.StructureSetROISequence
    dataset.save_as(path)
    with pytest.raises(
        ExclusionError, match=r"no usable RTSTRUCT \(it lacks StructureSetROISequence\)"
    ):
        voxels(path, "T", reference)


@pytest.mark.parametrize("number", ["nan", "1e400", "-inf"])
def test_points_that_are_no_numbers_are_refused(reference, tmp_path, number):
    path = rtstruct(tmp_path / "rs.dcm", ("T", [square(reference, (5, 6), (9, 9), 3)]))
    content = Path(path).read_bytes()
    point = str(pydicom.dcmread(path).ROIContourSequence[0].ContourSequence[0].ContourData[0])
    written = next(one for one in (f"{float(point):.4f}", point) if one.encode() in content)
    Path(path).write_bytes(content.replace(written.encode(), number.ljust(len(written)).encode()))
    with pytest.raises(ExclusionError, match="points that are no numbers"):
        voxels(path, "T", reference)


def test_one_number_for_two_regions_is_refused(reference, tmp_path):
    outline = square(reference, (5, 6), (9, 9), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), ("Liver", [outline]))
    dataset = pydicom.dcmread(path)
    for sequence in (dataset.StructureSetROISequence, dataset.ROIContourSequence):
        for keyword in ("ROINumber", "ReferencedROINumber"):
            if keyword in sequence[1]:
                setattr(sequence[1], keyword, 7)
    dataset.save_as(path)
    with pytest.raises(ExclusionError, match="two regions have the number 7"):
        voxels(path, "T", reference)
    dataset.StructureSetROISequence[1].ROIName = "T"
    dataset.save_as(path)
    # listed twice, drawn twice: an outline counts once
    assert voxels(path, "T", reference).sum() == 20


def test_pydicoms_structure_set_without_preamble():
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


def read_independently(path, ct):
    """The outlines of the file, filled by matplotlib in millimetres, without the package."""
    x, y = (ct.GetOrigin()[k] + ct.GetSpacing()[k] * np.arange(ct.GetSize()[k]) for k in (0, 1))
    filled = np.zeros(ct.GetSize()[::-1], dtype=bool)
    for one in pydicom.dcmread(path).ROIContourSequence[0].ContourSequence:
        points = np.reshape(np.array(one.ContourData, dtype=float), (-1, 3))
        level = round((points[0, 2] - ct.GetOrigin()[2]) / ct.GetSpacing()[2])
        inside_x, inside_y = (
            np.flatnonzero((centres > low) & (centres < high))
            for centres, low, high in zip((x, y), points.min(0), points.max(0), strict=False)
        )
        box = np.ix_(inside_y, inside_x)
        centres = np.stack(np.meshgrid(x[inside_x], y[inside_y]), axis=-1).reshape(-1, 2)
        filled[level][box] ^= (
            Polygon(points[:, :2]).contains_points(centres).reshape(len(inside_y), len(inside_x))
        )
    return filled


def test_real_structure_sets(shared_data):
    """12 patients: Dice with an independent filling, and the volume by the shoelace formula."""
    cases = sorted((shared_data / "sts" / "dicom").iterdir())
    assert len(cases) == 12
    for case in cases:
        (series,) = list_series(case / "image")
        ct = load_series(series, patient=case.name)
        path = str(case / "mask" / "RS.dcm")
        dataset = pydicom.dcmread(path)
        frame = str(dataset.FrameOfReferenceUID)
        mask = voxels(path, "gtv_mass_ct ", ct, frame_of_reference=frame) > 0
        other = read_independently(path, ct)
        assert 2 * (mask & other).sum() / (mask.sum() + other.sum()) > 0.99, case.name
        area = 0.0
        for one in dataset.ROIContourSequence[0].ContourSequence:
            x, y, _ = np.reshape(np.array(one.ContourData, dtype=float), (-1, 3)).T
            area += abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
        outlined = area * ct.GetSpacing()[2]
        assert mask.sum() * np.prod(ct.GetSpacing()) == pytest.approx(outlined, rel=0.03)
