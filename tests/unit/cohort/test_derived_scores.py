"""Scores that follow from other columns, against their papers."""

import numpy as np
import pandas as pd
import pytest

from taceflow.cohort.derived_scores import DERIVATIONS, add_derived_scores
from taceflow.scores import SCORES


def test_albi_equals_the_published_formula():
    # Bilirubin 20 umol/L, albumin 38 g/L: 0.66 * 1.30103 - 3.23 = -2.37132, grade 2.
    table = pd.DataFrame(
        {
            "albumin_g_l": [38.0, 48.0, 20.0, np.nan],
            "bilirubin_umol_l": [20.0, 10.0, 60.0, 20.0],
        }
    )
    scored = add_derived_scores(table)
    assert scored["albi_score"].iloc[0] == pytest.approx(-2.3713202, abs=1e-6)
    assert scored["albi_grade"].tolist()[:3] == [2, 1, 3]
    assert scored[["albi_score", "albi_grade"]].iloc[3].isna().all()


def test_a_score_that_the_sheet_brings_is_kept():
    table = pd.DataFrame({"albumin_g_l": [38.0], "bilirubin_umol_l": [20.0], "albi_score": [-1.0]})
    assert add_derived_scores(table)["albi_score"].tolist() == [-1.0]
    assert add_derived_scores(table)["albi_grade"].tolist() == [3]


def test_bclc_b_substages_follow_bolondi():
    cases = [(5, 1, 5.9, 1), (7, 3, 4.0, 1), (6, 3, 4.1, 2), (7, 4, 6.0, 3), (8, 1, 2.0, 4)]
    cases += [(9, 9, 9.0, 4), (10, 1, 2.0, None), (None, 1, 2.0, None)]
    columns = ["child_pugh_score", "tumor_number", "tumor_size_cm", "expected"]
    table = pd.DataFrame(cases, columns=columns)
    found = add_derived_scores(table)["bclc_b_substage"]
    pd.testing.assert_series_equal(found, table["expected"], check_names=False)
    given = add_derived_scores(table.assign(bclc_b_substage=3))["bclc_b_substage"]
    assert given.tolist() == [3] * len(table)


def test_hap_counts_what_lies_beyond_its_limits():
    # albumin < 36, bilirubin > 17, AFP > 400, size > 7: the limits themselves give no point
    cases = [
        (36.0, 17.0, 400.0, 7.0, 0),
        (35.9, 17.0, 400.0, 7.0, 1),
        (35.0, 17.1, 401.0, 7.1, 4),
        (40.0, 20.0, 500.0, 3.0, 2),
        (40.0, np.nan, 500.0, 3.0, np.nan),
    ]
    columns = ["albumin_g_l", "bilirubin_umol_l", "afp_ng_ml", "tumor_size_cm", "expected"]
    table = pd.DataFrame(cases, columns=columns)
    found = add_derived_scores(table)["hap_score"]
    pd.testing.assert_series_equal(found, table["expected"], check_names=False, check_dtype=False)
    assert "hap_score" not in add_derived_scores(table.drop(columns="afp_ng_ml"))


def test_six_and_twelve_is_number_plus_size():
    table = pd.DataFrame({"tumor_number": [1, 3, np.nan], "tumor_size_cm": [5.0, 9.5, 2.0]})
    found = add_derived_scores(table)["six_and_twelve_score"]
    assert found.tolist()[:2] == [6.0, 12.5]
    assert np.isnan(found.iloc[2])


def test_a_sheet_without_any_component_gets_no_score():
    table = pd.DataFrame({"patient_id": ["A"], "time_months": [1.0], "event": [1]})
    assert list(add_derived_scores(table)) == list(table)


def test_a_score_needs_each_of_its_parts_and_nothing_else():
    values = {"albumin_g_l": 30.0, "bilirubin_umol_l": 40.0, "afp_ng_ml": 500.0}
    values |= {"child_pugh_score": 8.0, "tumor_number": 3.0, "tumor_size_cm": 8.0}
    assert set(DERIVATIONS) == {score.name for score in SCORES.values() if score.parts}
    for name in DERIVATIONS:
        score = SCORES[name]
        table = pd.DataFrame({part: [values[part]] for part in score.parts})
        assert add_derived_scores(table)[score.column].notna().all()
        for part in score.parts:
            assert score.column not in add_derived_scores(table.drop(columns=part))
