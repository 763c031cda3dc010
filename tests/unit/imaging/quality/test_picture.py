"""The picture of a patient: what it says, where things stand, the same for any turn of the axes."""

import numpy as np
import pytest
import SimpleITK as sitk
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from taceflow.imaging.quality.picture import centre_of
from taceflow.imaging.quality.plane import COLOURS

SPACING_MM = (2.5, 2.0, 5.0)


def test_a_picture_says_what_a_reader_asks(images, tmp_path, figures, check, texts):
    numbers, *_ = check(tmp_path / "p", images)
    picture = figures[0]
    said = " ".join(texts(picture))
    assert texts(picture)[0] == "P1"
    assert f"{numbers['volume_ml']:.1f} mL, longest axial axis 3" in said
    assert "HU in the mask: median 60, 5-95% 60 to 60" in said
    assert "100 × 90 × 14 voxels of 2.50 × 2.00 × 5.00 mm; window 300, level 40" in said
    assert f"— reader2-1, Dice {numbers['dice']['reader2-1']:.2f}" in texts(picture)
    axial, coronal, sagittal, *close_ups = picture.axes
    assert len(close_ups) == 3
    for ax, letters, where in (
        (axial, "RLAP", "axial 8/14\nz 335.0 mm"),
        (coronal, "RLHF", "coronal 41/90\ny -10.0 mm"),
        (sagittal, "APHF", "sagittal 31/100\nx -45.0 mm"),
    ):
        assert texts(ax)[:5] == [*letters, where]


def test_all_overviews_share_one_scale_and_bars_are_as_long_as_they_say(
    images, tmp_path, figures, check, texts
):
    check(tmp_path / "p", images)
    figure = figures[0]
    scales = []
    for ax in figure.axes:
        box = ax.get_window_extent()
        across, along = (np.ptp(limits) for limits in (ax.get_xlim(), ax.get_ylim()))
        assert box.width / across == pytest.approx(box.height / along, rel=0.01)
        scales.append(box.width / across)
        bar = ax.lines[0].get_xdata()
        assert f"{np.ptp(bar):g} mm" in texts(ax)
    assert scales[:3] == pytest.approx([scales[0]] * 3, rel=1e-6)
    assert scales[3:] == pytest.approx([scales[3]] * 3, rel=1e-6)


LARGE = {
    "taller than the body is wide": (((20, 40, 30), (90, 14, 12)),),
    "as wide as the body": (((60, 45, 50), (20, 30, 40)),),
    "with a tail": (((30, 40, 30), (16, 10, 8)), ((75, 55, 68), (40, 3, 3))),
    "two far apart": (((15, 30, 25), (12, 9, 9)), ((100, 60, 75), (10, 8, 8))),
    "at the border": (((110, 84, 50), (12, 8, 44)),),
    "small": (((60, 45, 40), (3, 4, 4)),),
}


@pytest.mark.parametrize("case", LARGE)
def test_no_view_cuts_the_tumour_and_none_close_up_is_smaller(tmp_path, figures, case, check):
    z, y, x = np.indices((120, 90, 100))
    hu = np.where(((y - 45) / 38) ** 2 + ((x - 50) / 44) ** 2 < 1, 60, -1000).astype(np.int16)
    mask = np.zeros(hu.shape, dtype=bool)
    for centre, radii in LARGE[case]:
        away = [((i - c) / r) ** 2 for i, c, r in zip((z, y, x), centre, radii, strict=True)]
        mask |= sum(away) < 1
    made = {"ct": hu, "mask_reader1-1": mask.astype(np.uint8)}
    made = {name: sitk.GetImageFromArray(values) for name, values in made.items()}
    for image in made.values():
        image.SetSpacing(SPACING_MM)
    check(tmp_path / "p", made)
    figure = figures[0]
    ends = [np.nonzero(mask.any(axis=others))[0][[0, -1]] for others in ((1, 2), (0, 2), (0, 1))]
    ends = np.array(ends) * np.array(SPACING_MM[::-1])[:, None]
    scales = []
    for number, ax in enumerate(figure.axes):
        down, across = (axis for axis in range(3) if axis != number % 3)
        for limits, (low, high) in ((ax.get_xlim(), ends[across]), (ax.get_ylim(), ends[down])):
            assert min(limits) < low
            assert max(limits) > high
        box = ax.get_window_extent()
        scales.append(box.width / np.ptp(ax.get_xlim()))
        assert scales[-1] == pytest.approx(box.height / np.ptp(ax.get_ylim()), rel=0.01)
    assert scales[:3] == pytest.approx([scales[0]] * 3, rel=1e-6)
    assert scales[3:] == pytest.approx([scales[3]] * 3, rel=1e-6)
    assert scales[3] >= scales[0] * 0.999
    assert figure.get_figheight() < 1.4 * figure.get_figwidth()


def test_flags_stand_in_the_picture(images, tmp_path, figures, check, texts):
    images["mask_reader1-1"] = images["mask_reader1-1"][:, :, 7:]
    images["mask_reader2-1"] = images["mask_reader2-1"][:, :, 7:]
    images["ct"] = images["ct"][:, :, 7:]
    numbers, *_ = check(tmp_path / "p", images)
    assert numbers["flags"] == {"cut": "mask cut: lowest slice"}
    assert "▲ mask cut: lowest slice" in texts(figures[0])


def test_a_thumbnail_shows_the_contour_at_its_size(images, tmp_path, check):
    _, _, thumbnail = check(tmp_path / "p", images)
    pixels = imread(thumbnail)[..., :3]
    assert pixels.shape == (208, 208, 3)
    yellow = np.abs(pixels - to_rgb(COLOURS[0])).max(axis=2) < 0.15
    rows, columns = np.nonzero(yellow)
    # 30 mm across in a view of 220 mm, in the middle
    for places in (rows, columns):
        assert np.ptp(places) == pytest.approx(30 / 220 * 208, abs=4)
        assert places.min() + np.ptp(places) / 2 == pytest.approx(104, abs=2)


def test_the_centre_lies_in_the_largest_piece():
    mask = np.zeros((5, 30, 30), dtype=bool)
    mask[2, 5:25, 5:25] = True
    mask[2, 8:22, 8:25] = False  # open to one side: its middle is no part of it
    mask[0, 1, 1] = True
    centre = centre_of(mask, (5.0, 1.0, 1.0))
    assert mask[centre]
    assert centre[0] == 2
