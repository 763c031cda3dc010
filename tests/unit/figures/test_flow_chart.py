"""Figure S1: every patient of the sheet is somewhere in it."""

import pytest

from taceflow.errors import InputError
from taceflow.figures.flow_chart import flow_chart


def lines(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def test_counts_and_reasons(finished):
    found = lines(flow_chart(finished.patients, finished.exclusions, 63))
    deaths = int(finished.patients["event"].sum())
    assert found[:2] == ["Patients in the sheet", "n = 63"]
    assert "Excluded at follow-up: n = 1" in found
    assert "Excluded at imaging: n = 2" in found
    assert "n = 62" in found
    assert "n = 60" in found
    assert f"{deaths} deaths" in found
    assert "Training" in found
    assert "n = 40" in found
    assert "n = 20" in found


def test_reasons_lose_folders(finished):
    text = " ".join(lines(flow_chart(finished.patients, finished.exclusions, 63)))
    assert "somebody" not in text
    assert "no arterial phase in X2" in text


def test_equal_reasons_are_counted_together(finished):
    same = finished.exclusions.assign(stage="imaging", reason="no arterial phase")
    found = lines(flow_chart(finished.patients, same, 63))
    assert "• no arterial phase (n = 3)" in found


def test_nobody_excluded(finished):
    found = lines(flow_chart(finished.patients, finished.exclusions.iloc[:0], 60))
    assert "Excluded: n = 0" in found
    assert "Patients analysed" in found


def test_one_cohort_only(finished):
    training = finished.patients[finished.patients["cohort"] == "training"]
    found = lines(flow_chart(training, finished.exclusions, 43))
    assert "Training" in found
    assert "Validation" not in found


def test_many_reasons_are_folded(finished):
    many = finished.exclusions.iloc[[0] * 20].assign(
        patient_id=[f"X{i}" for i in range(20)], reason=[f"reason {i}" for i in range(20)]
    )
    found = lines(flow_chart(finished.patients, many, 80))
    assert "• other reasons (n = 12)" in found


def test_a_lost_patient_is_an_error(finished):
    with pytest.raises(InputError, match="60 included and 3 excluded patients are not the 64"):
        flow_chart(finished.patients, finished.exclusions, 64)


def test_boxes_do_not_overlap_and_lie_inside(finished):
    figure = flow_chart(finished.patients, finished.exclusions, 63)
    axes = figure.axes[0]
    boxes = [patch.get_bbox() for patch in axes.patches if hasattr(patch, "get_boxstyle")]
    assert len(boxes) == 7
    for position, one in enumerate(boxes):
        assert axes.get_xlim()[0] <= one.x0
        assert one.x1 <= axes.get_xlim()[1]
        assert axes.get_ylim()[0] <= one.y0
        for other in boxes[position + 1 :]:
            assert not one.overlaps(other)
