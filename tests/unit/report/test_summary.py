"""Patients, images and features in small tables."""

import pandas as pd
from lifelines import KaplanMeierFitter

from taceflow.report.summary import (
    cohort_table,
    exclusions_table,
    flagged_table,
    reproducibility_table,
    review_text,
)


def test_reasons_that_differ_in_a_number_only_are_counted_together(finished):
    icc = finished.icc.copy()
    icc.loc[36:, "reason"] = [f"ICC inter {value} not above 0.8" for value in (-0.2, 0.5, 0.6, 0.7)]
    notes = reproducibility_table(icc).notes
    assert notes[1:] == ("Not kept: 4 (ICC inter not above 0.8).",)


def test_medians_of_a_cohort_are_those_of_lifelines(finished, cells):
    rows = cells(cohort_table(finished.patients))
    assert [row[0] for row in rows] == ["Training", "Validation"]
    training = finished.patients[finished.patients["cohort"] == "training"]
    time, died = training["time_months"], training["event"]
    assert rows[0][1:3] == ("40", f"{died.sum()} ({100 * died.mean():.0f}%)")
    for cell, event in zip(rows[0][3:], (1 - died, died), strict=True):
        median = KaplanMeierFitter().fit(time, event).median_survival_time_
        assert cell.split(" ")[0] == f"{median:.1f}"


def test_verdicts_are_counted_and_those_of_other_images_named():
    table = pd.DataFrame({"patient_id": list("ABCD"), "verdict": None, "changed": None})
    assert review_text(table).startswith("No reader's verdict")
    table["verdict"] = ["keep", None, "redraw", "keep"]
    assert review_text(table) == "A reader judged the masks of 3 of 4 patients: 2 keep, 1 redraw."
    table.loc[2, "changed"] = "ct; reader1-1"
    assert review_text(table).endswith("changed since are the verdicts on C (ct; reader1-1).")


def test_patients_to_look_at_again_with_the_meaning_of_their_flags(cells):
    numbers = {"volume_ml": 53.295, "longest_axis_mm": 47.3, "median_hu": -874.0}
    numbers |= {"lower_hu": -920.0, "upper_hu": 117.5, "lowest_dice": 0.392}
    table = pd.DataFrame({"patient_id": ["B", "A"], "flags": ["outside", None], "findings": "air"})
    printed = flagged_table(table.assign(**numbers))
    numbers = ("53.3", "47", "−874 (−920 to 118)", "0.39")
    assert cells(printed) == [("B", "outside", "air", *numbers)]
    assert [note.partition(":")[0] for note in printed.notes] == ["outside"]
    nobody = flagged_table(table.assign(**{"flags": None}))
    assert nobody.notes[0].startswith("none of 2 patients has a flag.")


def test_a_reason_names_no_folder_of_the_machine(finished, cells):
    rows = cells(exclusions_table(finished.exclusions))
    assert rows[1] == ("X2", "imaging", "no arterial phase in X2")
