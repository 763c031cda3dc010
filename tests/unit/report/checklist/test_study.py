"""Answers about patients and images."""

from dataclasses import replace

import pytest

from taceflow.report.checklist.study import (
    bad_input,
    baseline,
    exclusions,
    flow,
    missing,
    resampling,
    split,
)


@pytest.mark.parametrize(
    ("answer", "section", "keys", "words"),
    [
        (missing, "survival", {"missing": "impute"}, "Table S1 alone imputes gaps (20 tables"),
        (resampling, "imaging", {"mask_interpolation": "linear"}, "linear interpolation cut at"),
        (split, "split", {"seed": 9}, "a hash of seed 9"),
    ],
)
def test_answers_follow_the_configuration(run, changed, answer, section, keys, words):
    assert words not in answer(run).text
    assert words in answer(changed(run, section, **keys)).text


def test_units_are_those_of_print(run):
    table = run.tables["table_1"].assign(label="TBIL (umol/L)", missing_training=2)
    assert "TBIL (µmol/L)" in missing(replace(run, tables=run.tables | {"table_1": table})).text


def test_a_variable_that_no_patient_has_is_neither_missing_nor_compared(run):
    table = run.tables["table_1"].copy()
    sizes = [name for name in table if name.startswith("n_")]
    assert (
        "Microvascular invasion" in missing(with_table(run, table.assign(missing_training=3))).text
    )
    is_mvi = table["label"] == "Microvascular invasion"
    table.loc[is_mvi, sizes] = 0
    told = with_table(run, table.assign(missing_training=3))
    assert "missing: Age (years) " in missing(told).text
    assert "Microvascular invasion" not in missing(told).text
    assert baseline(told).text.startswith("1 variable, ")


def with_table(run, table):
    return replace(run, tables=run.tables | {"table_1": table})


def test_who_was_left_out_before_the_study_is_told(run):
    assert "screened" not in exclusions(run).text + flow(run).text
    told = replace(run, screening=[("prior treatment", 120), ("no CT", 60)])
    words = "243 patients screened, and left out before the study: prior treatment 120, no CT 60. "
    assert exclusions(told).text.startswith(f"{words}3 of 63 patients could not be used")
    assert flow(told).text.startswith("243 screened, 63 in the sheet")


def test_bad_input_that_stops_the_run(run):
    assert "is excluded with the reason" in bad_input(run).text
    failing = replace(run, config=run.config | {"on_bad_input": "fail"})
    assert "stops the run" in bad_input(failing).text


def test_an_external_cohort_is_compared_and_its_gaps_are_counted(run):
    patients = run.tables["patients"].copy()
    patients.loc[50:, "cohort"] = "external"
    table = run.tables["table_1"].assign(p_external=[0.001, 0.5, None], missing_external=4)
    both = replace(run, tables=run.tables | {"table_1": table, "patients": patients})
    text = baseline(both).text
    assert "training beside validation and external" in text
    assert "external: Age (years) with p < 0.05" in text
    assert "Age (years) 5" in missing(both).text
