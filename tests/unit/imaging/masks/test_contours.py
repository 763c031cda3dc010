"""Masks as outlines of an RTSTRUCT: against geometry, and against other ways of filling them."""

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from matplotlib.path import Path as Polygon
from scipy import ndimage

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series
from taceflow.imaging.masks.load import load_mask
from taceflow.imaging.masks.mask_file import ReferenceCT
from taceflow.imaging.masks.polygons import fill_polygons
from taceflow.wording.counts import counted

FIRST_X, FIRST_Y, FIRST_Z = -35.0, 12.0, 100.0


def circle(centre, radii, z, points=400):
    """An ellipse in mm."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    x, y = centre[0] + radii[0] * np.cos(angle), centre[1] + radii[1] * np.sin(angle)
    return np.column_stack([x, y, np.full(points, z)])


@pytest.mark.parametrize("kind", ["CLOSED_PLANAR", "CLOSEDPLANAR_XOR", "INTERPOLATED_PLANAR"])
def test_islands_and_holes(wide_ct, tmp_path, kind, drawn, square):
    contours = [square(wide_ct, (5, 6), (14, 15), level) for level in (3, 4)]
    contours.append(square(wide_ct, (8, 9), (12, 13), 4))
    contours.append(square(wide_ct, (9, 10), (10, 11), 4))
    contours.append(square(wide_ct, (20, 20), (22, 22), 4))
    values = drawn(tmp_path, wide_ct, *contours, kind=kind)
    expected = np.zeros_like(values)
    expected[3:5, 6:16, 5:15] = 1
    expected[4, 9:14, 8:13] = 0
    expected[4, 10:12, 9:11] = 1
    expected[4, 20:23, 20:23] = 1
    np.testing.assert_array_equal(values, expected)


def test_a_keyhole_is_a_hole(wide_ct, tmp_path, drawn, square):
    outer = square(wide_ct, (5, 6), (14, 15), 4)
    inner = square(wide_ct, (8, 9), (10, 11), 4)
    # round the outside, through a channel of no width, round the inside, and back
    keyhole = [*outer, outer[0], inner[0], inner[3], inner[2], inner[1], inner[0]]
    values = drawn(tmp_path, wide_ct, keyhole)
    expected = np.zeros_like(values)
    expected[4, 6:16, 5:15] = 1
    expected[4, 9:12, 8:11] = 0
    np.testing.assert_array_equal(values, expected)


def test_an_outline_drawn_twice_counts_once(wide_ct, tmp_path, caplog, drawn, square):
    outline = square(wide_ct, (5, 6), (14, 15), 4)
    turned = [outline[2], outline[1], outline[0], outline[3]]
    assert drawn(tmp_path, wide_ct, outline, turned).sum() == 100
    assert "twice" in caplog.text


def test_outlines_that_cross_are_refused_unless_the_file_says_xor(wide_ct, tmp_path, drawn, square):
    pair = (square(wide_ct, (5, 6), (14, 15), 4), square(wide_ct, (10, 6), (19, 15), 4))
    with pytest.raises(ExclusionError, match=r"two outlines of a slice cross: 50 voxels"):
        drawn(tmp_path, wide_ct, *pair)
    assert drawn(tmp_path, wide_ct, *pair, kind="CLOSEDPLANAR_XOR").sum() == 100


@pytest.mark.parametrize("radii", [(40.0, 30.0), (25.0, 44.0)])
def test_areas_of_an_ellipse_and_an_annulus(tmp_path, radii, drawn):
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


def test_planes_between_the_slices_go_to_the_nearest(wide_ct, tmp_path, drawn, square):
    """Planes 0.3 slices beside the CT's: each slice has its own, none is mixed with another."""
    sizes = {level: 14 + level for level in range(3, 9)}
    outlines = [square(wide_ct, (5, 6), (high, 15), level + 0.3) for level, high in sizes.items()]
    values = drawn(tmp_path, wide_ct, *outlines)
    counts = {level: int(plane.sum()) for level, plane in enumerate(values) if plane.any()}
    assert counts == {level: (high - 4) * 10 for level, high in sizes.items()}


@pytest.mark.parametrize("midway", [0.5, -0.5, 0.4999999])
def test_planes_midway_between_slices_count_once(wide_ct, tmp_path, midway, drawn, square):
    outlines = [square(wide_ct, (5, 6), (14, 15), level + midway) for level in range(3, 9)]
    assert drawn(tmp_path, wide_ct, *outlines).sum() == 6 * 100


def test_planes_closer_than_the_slices_are_not_mixed(wide_ct, tmp_path, caplog, drawn):
    """Every millimetre on slices of 5 mm: an even number of planes a slice would cancel by xor."""
    outlines = [circle((20, 60), (20, 20), FIRST_Z + 20 + offset) for offset in range(21)]
    with caplog.at_level("INFO"):
        values = drawn(tmp_path, wide_ct, *outlines)
    assert [level for level, plane in enumerate(values) if plane.any()] == [4, 5, 6, 7, 8]
    assert len({int(plane.sum()) for plane in values[4:9]}) == 1
    assert "16 planes between slices, not used" in caplog.text


@pytest.mark.parametrize("every", [2, 3])
def test_skipped_slices_are_interpolated_by_shape(tmp_path, every, caplog, drawn):
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
    assert f"{4 * (every - 1)} slices between the outlines interpolated" in caplog.text


def test_outlines_of_thicker_slices_of_the_same_scan(tmp_path, drawn):
    """Drawn on 5 mm, read on 2 mm: no stripes, and nothing beyond the outermost outlines."""
    ct = sitk.Image((120, 120, 30), sitk.sitkInt16)
    ct.SetSpacing((1.0, 1.0, 2.0))
    outlines = [circle((60.3, 59.6), (25, 25), z) for z in range(10, 45, 5)]
    values = drawn(tmp_path, ct, *outlines)
    assert [level for level, plane in enumerate(values) if plane.any()] == list(range(5, 21))
    assert values.sum() == pytest.approx(16 * np.pi * 625, rel=0.01)


@pytest.mark.parametrize("levels", [(2, 3, 4, 6, 7), (2, 4), (1, 3, 4, 7, 8, 10), (2, 6, 10)])
def test_uneven_gaps_stay_open(wide_ct, tmp_path, levels, caplog, drawn, square):
    outlines = [square(wide_ct, (5, 6), (14, 15), level) for level in levels]
    values = drawn(tmp_path, wide_ct, *outlines)
    assert [level for level, plane in enumerate(values) if plane.any()] == list(levels)
    empty = levels[-1] - levels[0] + 1 - len(levels)
    assert f"{counted(empty, 'slice')} between the outlines left empty" in caplog.text


def test_two_tumours_apart_are_not_joined(wide_ct, tmp_path, drawn, square):
    """Every second slice in both, five slices apart."""
    outlines = [square(wide_ct, (5, 6), (14, 15), level) for level in (0, 2, 4, 9, 11, 13)]
    values = drawn(tmp_path, wide_ct, *outlines)
    full = [level for level, plane in enumerate(values) if plane.any()]
    assert full == [0, 1, 2, 3, 4, 9, 10, 11, 12, 13]


def test_oblique_and_sagittal_outlines(wide_ct, tmp_path, drawn, square):
    tilted = [(x, y, z + 0.1 * y) for x, y, z in square(wide_ct, (5, 6), (14, 15), 4)]
    sagittal = [(10.0, 20.0, 110.0), (10.0, 60.0, 110.0), (10.0, 60.0, 140.0)]
    for outline in (tilted, sagittal):
        with pytest.raises(ExclusionError, match="lies across the slices of the CT, over"):
            drawn(tmp_path, wide_ct, outline)
    turn = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], dtype=float)
    tip = np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])
    for direction in (turn, tip, turn @ tip):
        wide_ct.SetDirection(direction.ravel().tolist())
        outlines = [square(wide_ct, (5, 6), (14, 15), level) for level in (4, 5)]
        assert drawn(tmp_path, wide_ct, *outlines)[4:6, 6:16, 5:15].sum() == 200


def test_outlines_outside_the_ct_are_refused(wide_ct, tmp_path, drawn, square):
    inside = square(wide_ct, (5, 6), (9, 9), 3)
    for outline in (
        square(wide_ct, (5, 6), (9, 9), 40),
        square(wide_ct, (5, 6), (9, 9), -0.7),
        square(wide_ct, (55, 6), (63, 9), 3),
        square(wide_ct, (-4, 6), (9, 9), 3),
    ):
        with pytest.raises(ExclusionError, match="1 of 2 outlines outside the CT"):
            drawn(tmp_path, wide_ct, inside, outline)
    edge = square(wide_ct, (0, 0), (59, 49), 13)
    assert drawn(tmp_path, wide_ct, edge).sum() == 60 * 50


def test_regions_that_overlap_are_united_not_cancelled(wide_ct, tmp_path, rtstruct, square, voxels):
    liver, tumour = square(wide_ct, (5, 6), (14, 15), 3), square(wide_ct, (8, 9), (10, 11), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("Liver", [liver]), ("Tumour", [tumour]))
    assert voxels(path, "Liver;Tumour", wide_ct).sum() == 100


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
    wide_ct, tmp_path, corners_only, turned, rtstruct
):
    """As rt-utils writes it: islands, holes, islands in holes, lines, single voxels."""
    rng = np.random.default_rng(2)
    if turned:
        wide_ct.SetDirection([0.8, -0.6, 0, 0.6, 0.8, 0, 0, 0, 1])
    mask = np.zeros((14, 50, 60), dtype=bool)
    for level, smooth in enumerate(np.linspace(0.3, 3, 11), start=1):
        noise = ndimage.gaussian_filter(rng.standard_normal((46, 56)), smooth)
        mask[level, 2:48, 2:58] = noise > np.quantile(noise, rng.uniform(0.3, 0.95))
    mask[12, 10:20, 10:20] = True
    mask[12, 11:19, 11:19] = False  # a rim of one voxel, and one voxel in it
    mask[12, 15, 15] = mask[12, 30, 40] = True
    mask[12, 40, [41, 43]] = mask[12, [39, 41], 42] = True  # four around a hole
    outlines = [
        [wide_ct.TransformIndexToPhysicalPoint((*place, level)) for place in path.tolist()]
        for level in range(14)
        for path in walks(mask[level], corners_only=corners_only)
    ]
    path = rtstruct(tmp_path / "rs.dcm", ("T", outlines))
    loaded = load_mask(path, "T", ReferenceCT(wide_ct), patient="P")
    np.testing.assert_array_equal(sitk.GetArrayFromImage(loaded.image) > 0, mask)
    assert loaded.notes == (
        "outlines run through voxel centres, as of a mask: its rim is part of it",
    )


def test_drawn_outlines_are_not_taken_for_a_masks_border(wide_ct, tmp_path, rtstruct):
    """Corners on centres but edges of any slope, or one corner beside a centre: areas count."""
    for corners in ([(5, 6), (25, 10), (14, 30)], [(5, 6), (15, 6), (15, 16.3), (5, 16)]):
        polygon = np.array(corners, dtype=float)
        outline = [wide_ct.TransformContinuousIndexToPhysicalPoint((x, y, 3.0)) for x, y in polygon]
        expected = fill_polygons([polygon], (50, 60)).sum()
        path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]))
        mask = load_mask(path, "T", ReferenceCT(wide_ct), patient="P")
        assert sitk.GetArrayFromImage(mask.image).sum() == expected
        told = ("corners on voxel centres but no mask's border: filled as drawn, without rim",)
        assert mask.notes == (told if (polygon == polygon.round()).all() else ())


@pytest.mark.parametrize("level", [4.5, 3.8])
def test_outlines_beside_the_slices_are_told(wide_ct, tmp_path, level, rtstruct, square):
    outline = square(wide_ct, (5, 6), (14, 15), level)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]))
    (note,) = load_mask(path, "T", ReferenceCT(wide_ct), patient="P").notes
    beside = 5 * abs(level - round(level))
    assert note.startswith(f"outlines lie up to {beside:.2f} mm beside the CT's slices")
    on_slice = rtstruct(tmp_path / "rs.dcm", ("T", [square(wide_ct, (5, 6), (14, 15), 4.002)]))
    assert load_mask(on_slice, "T", ReferenceCT(wide_ct), patient="P").notes == ()


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


def test_real_structure_sets(shared_data, voxels):
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
