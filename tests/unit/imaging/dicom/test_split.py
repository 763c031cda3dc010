"""A series that holds two acquisitions becomes two, and nothing else is split."""

import shutil

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series


@pytest.fixture
def portal(phantom):
    """A second scan of the same place: 40 stored values above the first."""
    return phantom + 40


def means(found) -> list[float]:
    return [sitk.GetArrayFromImage(load_series(one, patient="P")).mean() for one in found]


def check(found, phantom, portal, what) -> None:
    """First and second acquisition in order of time, each whole."""
    assert [one.acquisition for one in found] == ["1 of 2", "2 of 2"]
    assert {one.uid for one in found} == {"1.2.826.0.1.3680043.8.498.2"}
    assert found[0].notes == (f"acquisitions told apart by {what}",)
    for one, stored in zip(found, (phantom, portal), strict=True):
        image = load_series(one, patient="P")
        np.testing.assert_array_equal(sitk.GetArrayFromImage(image), stored.astype(int) - 1024)


def facts(first: dict, second: dict, phantom, portal, write, **common):
    """Write both into one series; numbers of instances run on."""

    def numbered(start, extra):
        return lambda index: {"InstanceNumber": start + index, **extra(index)}

    write(portal, per_slice=numbered(9, second), **common)
    return write(phantom, per_slice=numbered(1, first), **common)


def test_by_acquisition_number_in_order_of_time(write, phantom, portal):
    """The arterial scan has the higher number and was made first: time decides the order."""
    folder = facts(
        lambda index: {"AcquisitionNumber": 7, "AcquisitionTime": f"0910{10 + index}.5"},
        lambda index: {"AcquisitionNumber": 4, "AcquisitionTime": f"0911{10 + index}.5"},
        *(phantom, portal, write),
    )
    check(list_series(folder), phantom, portal, "AcquisitionNumber")


def test_by_temporal_position(write, phantom, portal):
    folder = facts(
        lambda index: {"TemporalPositionIdentifier": 1},
        lambda index: {"TemporalPositionIdentifier": 2},
        *(phantom, portal, write),
    )
    check(list_series(folder), phantom, portal, "TemporalPositionIdentifier")


@pytest.mark.parametrize("kind", ["Acquisition", "Content"])
def test_by_time_that_differs_from_slice_to_slice(write, phantom, portal, kind):
    folder = facts(
        lambda index: {f"{kind}Time": f"235951.{index}0", f"{kind}Date": "20130115"},
        lambda index: {f"{kind}Time": f"000015.{index}0", f"{kind}Date": "20130116"},
        *(phantom, portal, write),
    )
    check(list_series(folder), phantom, portal, f"{kind}Time")


def test_by_the_order_of_instances(write, phantom, portal):
    folder = facts(lambda index: {}, lambda index: {}, phantom, portal, write)
    check(list_series(folder), phantom, portal, "the order of InstanceNumber")


def test_by_the_order_of_instances_side_by_side(write, phantom, portal):
    folder = facts(
        lambda index: {"InstanceNumber": 2 * index},
        lambda index: {"InstanceNumber": 2 * index + 1},
        *(phantom, portal, write),
    )
    check(list_series(folder), phantom, portal, "the order of InstanceNumber")


def test_the_shorter_scan_and_planes_in_between(write, phantom, portal):
    """The second scan starts higher, half a slice off, and is shorter."""
    write(phantom, AcquisitionNumber=1)
    folder = write(portal[:5], AcquisitionNumber=2, origin=(-20, -30, 104.5))
    found = list_series(folder)
    assert [(one.acquisition, len(one.slices)) for one in found] == [("1 of 2", 8), ("2 of 2", 5)]


def test_a_helix_whose_number_changes_on_the_way_is_one_volume(write, phantom):
    folder = write(phantom, per_slice=lambda index: {"AcquisitionNumber": 1 + (index > 3)})
    (series,) = list_series(folder)
    assert (series.acquisition, series.notes, len(series.slices)) == ("", (), 8)


def test_two_regions_one_after_the_other_are_not_two_acquisitions(write, phantom):
    """Otherwise half a liver could be taken for the arterial scan."""
    folder = write(
        phantom,
        per_slice=lambda index: {
            "AcquisitionNumber": 1 + (index > 3),
            "ImagePositionPatient": [-20, -30, 100 + 3 * (index + 4 * (index > 3))],
        },
    )
    (series,) = list_series(folder)
    with pytest.raises(
        ExclusionError, match=r"slices are missing \(4\): 4 between z = 109.0 and 124"
    ):
        load_series(series, patient="P")


@pytest.mark.parametrize(
    "second",
    [
        # half of the positions doubled, and nothing tells which slice belongs where
        {"drop": 4},
        # two reconstructions of one acquisition
        {"ConvolutionKernel": "B60"},
    ],
)
def test_doubled_positions_that_cannot_be_told_apart(write, phantom, portal, second):
    second = dict(second)
    write(portal[second.pop("drop", 0) :], origin=(-20, -30, 100), **second)
    folder = write(phantom, origin=(-20, -30, 100))
    (series,) = list_series(folder)
    assert series.acquisition == ""
    with pytest.raises(ExclusionError, match=r"of 1[26] slices lies? where another one lies"):
        load_series(series, patient="P")


def test_slices_sent_twice_count_once(write, phantom):
    folder = write(phantom)
    for file in sorted(folder.iterdir())[:3]:
        shutil.copy(file, file.with_suffix(".copy"))
    # the same pixels under a new SOPInstanceUID
    write(phantom[5:6], origin=(-20, -30, 115), AcquisitionNumber=2)
    (series,) = list_series(folder)
    assert 3 <= 11 - len(series.slices) <= 4
    assert len(series.slices) == 8
    assert series.notes == ("4 duplicate slices left out",)
    np.testing.assert_array_equal(
        sitk.GetArrayFromImage(load_series(series, patient="P")), phantom.astype(int) - 1024
    )


def test_duplicates_among_two_acquisitions(write, phantom, portal):
    write(portal, AcquisitionNumber=2)
    folder = write(phantom, AcquisitionNumber=1)
    for file in sorted(folder.iterdir()):
        shutil.copy(file, file.with_suffix(".copy"))
    found = list_series(folder)
    assert [len(one.slices) for one in found] == [8, 8]
    assert found[0].notes[0] == "16 duplicate slices left out"
    assert means(found) == [phantom.mean() - 1024, portal.mean() - 1024]
