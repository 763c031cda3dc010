"""What in the numbers asks for a second look."""

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.imaging.quality.flags import FLAGS, find_flags, weight
from taceflow.imaging.quality.measure import measure


@pytest.fixture
def flags_of(body, ball, measured):
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

    return flags_of


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
def test_each_fault_raises_its_flag_and_no_other(case, expected, flags_of):
    assert list(flags_of(case)) == expected


def test_findings_say_how_much(flags_of):
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
