"""Numbers of a mask: against PyRadiomics, SimpleITK and known geometry."""

import numpy as np
import pytest
import SimpleITK as sitk
from radiomics.shape import RadiomicsShape

from taceflow.imaging.quality.flags import FLAGS, find_flags, weight
from taceflow.imaging.quality.measure import dice, find_body, longest_axis, measure

SPACING_MM = (5.0, 1.5, 1.2)


def body(shape=(16, 120, 140)):
    """A patient of 60 HU in air, with a lung, and a table beneath."""
    _, y, x = np.indices(shape)
    hu = np.where(((y - 50) / 40) ** 2 + ((x - 70) / 60) ** 2 < 1, 60, -1000)
    hu[((y - 50) / 15) ** 2 + ((x - 100) / 12) ** 2 < 1] = -850
    hu[:, 100:103, 20:120] = 200
    return hu.astype(np.int16)


def ball(shape=(16, 120, 140), centre=(8, 50, 50), radius_mm=15.0):
    away = [
        (axis - c) * gap for axis, c, gap in zip(np.indices(shape), centre, SPACING_MM, strict=True)
    ]
    return sum(one**2 for one in away) < radius_mm**2


def measured(hu=None, **masks):
    masks = {f"reader{name[1]}-{name[3]}": mask for name, mask in masks.items()}
    return measure(body() if hu is None else hu, masks, SPACING_MM)


def test_the_longest_axis_is_that_of_pyradiomics():
    rng = np.random.default_rng(4)
    for _ in range(5):
        mask = ball(radius_mm=rng.uniform(8, 25)) & (rng.random((16, 120, 140)) < 0.97)
        image, label = (sitk.GetImageFromArray(one.astype(np.uint8)) for one in (body(), mask))
        for one in (image, label):
            one.SetSpacing(SPACING_MM[::-1])
        expected = RadiomicsShape(image, label).getMaximum2DDiameterSliceFeatureValue()
        assert longest_axis(mask, SPACING_MM) == pytest.approx(expected, rel=2e-3)


def test_a_single_voxel_is_as_long_as_it_is_wide():
    assert longest_axis(np.ones((1, 1, 1), dtype=bool), SPACING_MM) == pytest.approx(1.5, rel=1e-3)


def test_dice_is_that_of_simpleitk():
    one, other = ball(), ball(centre=(8, 52, 55))
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*(sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in (one, other)))
    assert dice(one, other) == pytest.approx(overlap.GetDiceCoefficient(), abs=1e-12)


def test_numbers_of_a_ball_in_the_liver():
    hu, mask = body(), ball()
    hu[mask] = np.arange(mask.sum()) % 101
    numbers = measured(hu, r1_1=mask, r1_2=ball(centre=(8, 50, 51)))
    assert numbers["volume_ml"] == pytest.approx(mask.sum() * 9 / 1000)
    assert numbers["volume_ml"] == pytest.approx(4 / 3 * np.pi * 1.5**3, rel=0.05)
    assert numbers["longest_axis_mm"] == pytest.approx(30, abs=1.5)
    assert (numbers["lower_hu"], numbers["median_hu"], numbers["upper_hu"]) == (5, 50, 95)
    assert (numbers["pieces"], numbers["outside_percent"], numbers["cut_by"]) == (1, 0, [])
    assert numbers["tissue_peak_hu"] == 70
    assert find_flags(numbers) == {}


def test_the_body_holds_its_lung_and_not_the_table():
    found, step = find_body(body(), (5.0, 1.0, 1.0))
    assert step == 2
    assert found[:, 25, 50].all()  # inside the lung
    assert not found[:, 50:52, 10:60].any()
    assert not found[:, 0].any()
    _, y, x = np.indices(body().shape)
    ellipse = ((y - 50) / 40) ** 2 + ((x - 70) / 60) ** 2 < 1
    np.testing.assert_array_equal(found, ellipse[:, ::2, ::2])


def test_a_second_leg_is_body():
    hu = np.full((6, 60, 120), -1000, dtype=np.int16)
    hu[:, 10:50, 5:55] = 40
    hu[:, 20:40, 70:100] = 40
    found, _ = find_body(hu, (5.0, 2.0, 2.0))
    np.testing.assert_array_equal(found, hu > 0)


def test_an_image_of_air_has_no_body():
    found, _ = find_body(np.full((3, 20, 20), -1000, dtype=np.int16), SPACING_MM)
    assert not found.any()


def flags_of(case):
    """A patient with one thing wrong, and the flag that must be raised."""
    hu, mask, others = body(), ball(), {}
    if case == "tiny by volume":
        mask = ball(radius_mm=5.5)
    elif case == "tiny by length":
        mask = np.zeros_like(mask)
        mask[2:14, 47:52, 47:52] = True
    elif case == "on the table":
        mask = ball(centre=(8, 101, 70), radius_mm=8)
        hu[mask] = 200
    elif case == "partly in the air":
        mask = ball(centre=(8, 85, 70), radius_mm=20)
    elif case == "in the lung":
        mask = ball(centre=(8, 50, 100), radius_mm=8)
    elif case == "stored values":
        hu = hu + 1000
    elif case == "no air":
        hu = hu.clip(-100, 300)
    elif case == "lipiodol":
        hu[mask] = 900
    elif case == "a rib":
        hu[mask & (np.indices(mask.shape)[2] > 55)] = 700
    elif case == "a strongly enhanced tumour":
        hu[mask] = np.random.default_rng(0).normal(180, 40, mask.sum())
    elif case == "first slice":
        hu, mask = hu[8:], mask[8:]
    elif case == "right border":
        hu, mask = hu[:, :, 45:], mask[:, :, 45:]
    elif case == "padding":
        hu[:, :, :41] = -2000
    elif case == "readers":
        others = {"r1_2": ball(centre=(8, 50, 51)), "r2_1": ball(centre=(8, 50, 60))}
    return find_flags(measured(hu, r1_1=mask, **others))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("tiny by volume", ["tiny"]),
        ("tiny by length", ["tiny"]),
        ("on the table", ["outside"]),
        ("partly in the air", ["outside"]),
        ("in the lung", ["outside", "no soft tissue"]),
        ("stored values", ["no CT", "no soft tissue"]),
        ("no air", ["no CT"]),
        ("lipiodol", ["no soft tissue"]),
        ("a rib", ["bone"]),
        ("a strongly enhanced tumour", []),
        ("first slice", ["cut"]),
        ("right border", ["cut"]),
        ("padding", ["cut"]),
        ("readers", ["disagreement"]),
    ],
)
def test_each_fault_raises_its_flag_and_no_other(case, expected):
    assert list(flags_of(case)) == expected


def test_findings_say_how_much():
    assert flags_of("first slice")["cut"] == "mask cut: lowest slice"
    assert flags_of("right border")["cut"] == "mask cut: right"
    assert flags_of("padding")["cut"] == "mask cut: the field of view"
    assert flags_of("readers")["disagreement"].startswith("Dice reader2-1 0.")
    assert flags_of("a rib")["bone"] == "5% of the mask above 700 HU: bone, lipiodol?"
    assert flags_of("lipiodol")["no soft tissue"] == "median of 900 HU in the mask"


def test_what_speaks_most_against_a_patient_weighs_most():
    weights = [flag.weight for flag in FLAGS.values()]
    assert weights == sorted(weights, reverse=True)
    assert weight({"outside": "", "tiny": ""}) == FLAGS["outside"].weight + FLAGS["tiny"].weight


def test_real_sarcomas_raise_no_flag(shared_data):
    """Twelve CT with expert outlines: thighs, pelvis, chest wall, close crops, a table in view."""
    from taceflow.imaging.dicom.series import list_series
    from taceflow.imaging.dicom.volume import load_series
    from taceflow.imaging.masks.load import load_mask
    from taceflow.imaging.masks.mask_file import ReferenceCT

    cases = sorted((shared_data / "sts" / "dicom").iterdir())
    assert len(cases) == 12
    for case in cases:
        (series,) = list_series(case)
        ct = load_series(series, patient="P")
        (structures,) = [file for file in case.rglob("*") if "RS" in file.name.upper()]
        mask = load_mask(str(structures), "", ReferenceCT(ct), patient="P").image
        arrays = (sitk.GetArrayFromImage(sitk.DICOMOrient(one, "LPS")) for one in (ct, mask))
        hu, inside = arrays
        numbers = measure(hu, {"reader1-1": inside > 0}, ct.GetSpacing()[::-1])
        assert find_flags(numbers) == {}, case.name
