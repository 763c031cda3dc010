"""The archive's segmentation that belongs to the chosen scan."""

import pydicom
import pytest

from taceflow.errors import ExclusionError
from taceflow.imaging.catalogue import segmentation_choice
from taceflow.imaging.catalogue.segmentation_choice import choose_segmentation
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.slices import Slice


def dataset(**facts):
    made = pydicom.Dataset()
    for keyword, value in facts.items():
        setattr(made, keyword, value)
    return made


SCAN = Series("1.7", 3, "", "", (Slice("file", None, dataset(StudyInstanceUID="1.1")),), ())


def segmentation(description, *, study="1.1", series="1.7"):
    return dataset(
        StudyInstanceUID=study,
        SeriesDescription=description,
        ReferencedSeriesSequence=[dataset(SeriesInstanceUID=series)],
    )


def structure_set(series):
    items = [dataset(SeriesInstanceUID=series)]
    study = dataset(RTReferencedSeriesSequence=items)
    frame = dataset(RTReferencedStudySequence=[study])
    return dataset(StudyInstanceUID="1.1", ReferencedFrameOfReferenceSequence=[frame])


@pytest.fixture
def choose(monkeypatch):
    def call(*headers, pattern=""):
        filed = {str(place): header for place, header in enumerate(headers)}
        monkeypatch.setattr(segmentation_choice, "read_header", lambda place, tags: filed[place])
        return choose_segmentation(list(filed), SCAN, pattern=pattern, patient="P")

    return call


def test_the_only_one_is_taken_even_if_it_was_drawn_on_another_series(choose):
    assert choose(segmentation("Segmentation")) == ("0", True)
    assert choose(segmentation("Segmentation", series="1.8")) == ("0", False)
    assert choose(structure_set("1.7")) == ("0", True)


def test_of_several_the_one_on_the_scan_is_taken(choose):
    assert choose(segmentation("a", series="1.8"), structure_set("1.7")) == ("1", True)


def test_machine_made_ones_and_other_studies_are_left_out(choose):
    expert = segmentation("Segmentation", series="1.8")
    found = choose(
        segmentation("Machine segmentation"),
        segmentation("Segmentation", study="1.2", series="1.9"),
        expert,
        pattern="^Segmentation$",
    )
    assert found == ("2", False)


def test_two_or_none_are_refused(choose):
    with pytest.raises(ExclusionError, match="fits none of the patient's 1 segmentation"):
        choose(segmentation("Machine"), pattern="^Segmentation$")
    with pytest.raises(ExclusionError, match="2 of the scan's study, 2 naming the scan"):
        choose(segmentation("a"), segmentation("b"))


def test_one_that_names_the_scan_is_its_own_in_whatever_study(choose):
    """Programs that write a DICOM-SEG make a study of their own for it."""
    assert choose(segmentation("a", study="1.2")) == ("0", True)
    assert choose(segmentation("a", series="1.8"), segmentation("b", study="1.2")) == ("1", True)
    assert choose(segmentation("a"), segmentation("b", study="1.2")) == ("0", True)
    with pytest.raises(ExclusionError, match="0 of the scan's study, 2 naming the scan"):
        choose(segmentation("a", study="1.2"), segmentation("b", study="1.3"))
    with pytest.raises(ExclusionError, match="0 of the scan's study, 0 naming the scan"):
        choose(segmentation("a", study="1.2", series="1.8"))
