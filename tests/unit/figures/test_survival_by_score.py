"""Survival by the established scores: classes end where they were published to end."""

import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import multivariate_logrank_test

from taceflow.figures.survival_by_score import classes_of, survival_by_score
from taceflow.scores import SCORES
from taceflow.study.left_out import figures, left_out
from taceflow.wording.printing import p_statement


@pytest.fixture
def scored(finished):
    n = len(finished.patients)
    draw = np.random.default_rng(2)
    return finished.patients.assign(
        albi_grade=draw.choice([1, 2, 3], n),
        child_pugh_score=draw.choice(np.arange(5, 13), n),
        hap_score=np.where(np.arange(n) < 3, np.nan, draw.choice(np.arange(5), n)),
        six_and_twelve_score=draw.uniform(2, 16, n).round(1),
    )


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("albi", [1, 2, 3], ["Grade 1", "Grade 2", "Grade 3"]),
        ("child_pugh", [5, 6, 7, 9, 10, 15], list("AABBCC")),
        ("bclc_b", [1, 2, 3, 4], ["B1", "B2", "B3", "B4"]),
        ("hap", [0, 1, 2, 3, 4], list("ABCDD")),
        ("six_and_twelve", [2, 6, 6.1, 12, 12.1], ["Up to 6"] * 2 + ["To 12"] * 2 + ["Over 12"]),
    ],
)
def test_classes_hold_their_highest_value(name, values, expected):
    score = SCORES[name]
    table = pd.DataFrame({score.class_column or score.column: values})
    assert classes_of(score, table).tolist() == expected


def test_a_panel_a_score_with_its_own_test(scored):
    axes = survival_by_score(scored).axes
    assert {one.get_title(loc="left") for one in axes} == {
        *("ALBI grade", "Child-Pugh class", "HAP", "Six-and-twelve")
    }
    panel = next(one for one in axes if one.get_title(loc="left") == "HAP")
    known = scored.dropna(subset="hap_score")
    test = multivariate_logrank_test(
        known["time_months"], known["hap_score"].clip(upper=3), known["event"]
    )
    assert f"log-rank {p_statement(test.p_value)}" in panel.get_legend().get_title().get_text()
    assert "3 without a group not shown" in [text.get_text() for text in panel.texts]


def test_scores_that_nobody_has_are_left_out(scored):
    some = scored.drop(columns="hap_score").assign(albi_grade=np.nan, child_pugh_score=7)
    titles = [one.get_title(loc="left") for one in survival_by_score(some).axes]
    assert sorted(titles) == ["Child-Pugh class", "Six-and-twelve"]
    none = survival_by_score(scored[["patient_id", "time_months", "event"]])
    assert any("No patient" in text.get_text() for text in none.axes[0].texts)


@pytest.mark.parametrize(
    ("columns", "drawn"),
    [
        ({"albumin_g_l"}, False),
        ({"albumin_g_l", "bilirubin_umol_l"}, True),
        ({"child_pugh_score"}, True),
        ({"age_years", "tumor_number", "tumor_size_cm"}, True),
        ({"bclc_b_substage"}, False),
    ],
)
def test_a_run_plans_the_figure_only_if_the_sheet_has_a_score(columns, drawn):
    config = {"radscore": {"family": "cox"}, "tables": {"features": "features.csv"}}
    assert ("established_scores" in figures(config, frozenset(columns))) == drawn
    assert ("Survival by established score" in left_out(config, frozenset(columns))) != drawn
