"""Rows of ratios: a number, a level, and what is said where there is none."""

import numpy as np
import pytest

from taceflow.survival.regression.design import Term
from taceflow.survival.regression.logistic import LogisticFit
from taceflow.survival.tables.ratios import BEYOND, UNBOUNDED, ratio_rows

BASE = {"variable": "lobe", "note": None}


def fit(names, coefficients, unbounded=()):
    return LogisticFit(
        names=names, coefficients=np.array(coefficients), covariance=0.25 * np.eye(len(names)),
        intercept=0.0, log_likelihood_null=-9.0, log_likelihood=-8.0, n=40, events=20,
        unbounded=unbounded,
    )  # fmt: skip


def test_a_factor_has_its_reference_first_and_a_row_a_level():
    term = Term("lobe", "left", ("caudate", "right"))
    model = fit(("lobe=caudate", "lobe=right"), [-20.0, np.log(2)], ("lobe=caudate",))
    joint = fit(("lobe=right", "age"), [np.log(3), 0.1])
    rows = ratio_rows(BASE, term, "or", (model, {}), (joint, {}))
    assert [row["level"] for row in rows] == ["left", "caudate", "right"]
    assert rows[0]["note"] == "reference"
    assert rows[1]["note"].startswith(UNBOUNDED["or"])
    assert "level absent from the complete cases" in rows[1]["note"]
    assert "or_uni" not in rows[1]
    assert (rows[2]["or_uni"], rows[2]["or_multi"]) == (pytest.approx(2), pytest.approx(3))
    assert rows[2]["lower_uni"] == pytest.approx(2 * np.exp(-1.959964 * 0.5), rel=1e-6)
    assert rows[2]["p_uni"] == pytest.approx(0.1657, abs=1e-4)
    assert rows[2]["note"] is None


def test_of_few_patients_there_is_the_estimate_alone():
    (row,) = ratio_rows(BASE, Term("age"), "hr", (fit(("age",), [0.7]), {"age": "2 deaths"}), None)
    assert row["hr_uni"] == pytest.approx(np.exp(0.7))
    assert "lower_uni" not in row
    assert row["note"] == "neither interval nor test: 2 deaths"


def test_a_ratio_that_no_number_holds_is_left_empty_and_said():
    (row,) = ratio_rows(BASE, Term("age"), "hr", (fit(("age",), [800.0]), {}), None)
    assert row["hr_uni"] is row["upper_uni"] is None
    assert row["note"] == BEYOND
