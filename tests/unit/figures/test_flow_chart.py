"""Figure S1: every patient of the sheet is somewhere in it."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import FancyBboxPatch

from taceflow.errors import InputError
from taceflow.figures.flow_chart import flow_chart


def lines(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def test_counts_and_reasons(finished):
    found = lines(flow_chart(finished.patients, finished.exclusions, 63))
    deaths = int(finished.patients["event"].sum())
    assert found[:2] == ["Patients in the sheet", "n = 63"]
    assert "Follow-up: 1 excluded" in found
    assert "Imaging: 2 excluded" in found
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


def test_details_are_left_to_the_table_and_stages_stand_in_order(finished):
    mixed = finished.exclusions.assign(
        stage=["segmentation", "imaging", "follow-up"],
        reason=["the mask is empty", "no arterial phase (pattern 'x') among 1: 'PV'", "no event"],
    )
    found = lines(flow_chart(finished.patients, mixed, 63))
    assert "• no arterial phase (n = 1)" in found
    heads = [line for line in found if line.endswith("excluded")]
    assert heads == ["Follow-up: 1 excluded", "Imaging: 1 excluded", "Segmentation: 1 excluded"]


def test_a_single_word_is_no_reason(finished):
    said = finished.exclusions.assign(reason="mask: none of the names (GTV) is the table's")
    assert "• mask: none of the names" in lines(flow_chart(finished.patients, said, 63))


def test_every_line_fits_its_box(finished):
    long = finished.exclusions.assign(
        stage=["follow-up", "segmentation", "segmentation"],
        reason="a reason of many words that has to be broken into several lines to fit",
    )
    figure = flow_chart(finished.patients, long, 63, SCREENING)
    axes = figure.axes[0]
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [patch.get_window_extent() for patch in axes.patches if hasattr(patch, "get_boxstyle")]
    for text in axes.texts:
        if text.get_text():
            extent = text.get_window_extent(renderer)
            assert any(
                box.x0 <= extent.x0 and extent.x1 <= box.x1 and box.y0 <= extent.y0 for box in boxes
            ), text.get_text()


def test_equal_reasons_are_counted_together(finished):
    same = finished.exclusions.assign(stage="imaging", reason="no arterial phase")
    found = lines(flow_chart(finished.patients, same, 63))
    assert "• no arterial phase (n = 3)" in found


def test_nobody_excluded(finished):
    found = lines(flow_chart(finished.patients, finished.exclusions.iloc[:0], 60))
    assert "None excluded" in found
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


SCREENING = [("prior treatment (TACE, resection)", 120), ("no CT", 60), ("consent withdrawn", 0)]


def test_who_was_left_out_before_stands_in_the_first_boxes(finished):
    found = lines(flow_chart(finished.patients, finished.exclusions, 63, SCREENING))
    assert found[:2] == ["Patients screened", "n = 243"]
    first = found.index("Screening: 180 excluded")
    listed = " ".join(line.strip() for line in found[first + 1 : first + 5])
    assert listed.startswith("• prior treatment (TACE, resection) (n = 120) • no CT (n = 60) •")
    boxes = [
        found[place + 1] for place, line in enumerate(found) if line == "Patients in the sheet"
    ]
    assert boxes == ["n = 63"]
    nobody = lines(flow_chart(finished.patients, finished.exclusions.iloc[:0], 60, SCREENING))
    assert nobody[nobody.index("Patients analysed") + 1] == "n = 60"
    assert "None excluded" in nobody


def test_every_line_lies_within_its_box(finished):
    chart = flow_chart(finished.patients, finished.exclusions, 63, [("a b", 12_345), ("c", 9)])
    axes = chart.axes[0]
    chart.draw_without_rendering()
    boxes = [one for one in axes.patches if isinstance(one, FancyBboxPatch)]
    boxes = [one.get_window_extent() for one in boxes]
    for text in (one for one in axes.texts if one.get_text()):
        line = text.get_window_extent()
        box = next(one for one in boxes if one.contains(line.x0, (line.y0 + line.y1) / 2))
        assert line.x1 <= box.x1 - line.height / 4, text.get_text()


def test_a_reader_is_the_last_to_exclude(finished):
    said = finished.exclusions.assign(
        stage=["review", "review", "segmentation"],
        reason=["to be redrawn: a vein", "to be redrawn: too small", "the mask is empty"],
    )
    found = lines(flow_chart(finished.patients, said, 63))
    heads = [line for line in found if line.endswith("excluded")]
    assert heads == ["Segmentation: 1 excluded", "Review: 2 excluded"]
    assert "• to be redrawn (n = 2)" in found


def test_a_lost_patient_is_an_error(finished):
    with pytest.raises(InputError, match="60 included and 3 excluded patients are not the 64"):
        flow_chart(finished.patients, finished.exclusions, 64)


def test_boxes_do_not_overlap_and_lie_inside(finished):
    figure = flow_chart(finished.patients, finished.exclusions, 63, SCREENING)
    axes = figure.axes[0]
    boxes = [patch.get_bbox() for patch in axes.patches if hasattr(patch, "get_boxstyle")]
    assert len(boxes) == 9
    for position, one in enumerate(boxes):
        assert axes.get_xlim()[0] <= one.x0
        assert one.x1 <= axes.get_xlim()[1]
        assert axes.get_ylim()[0] <= one.y0
        for other in boxes[position + 1 :]:
            assert not one.overlaps(other)
