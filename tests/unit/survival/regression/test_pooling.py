"""Rubin's rules, by hand."""

import numpy as np
import pytest
from scipy import stats

from taceflow.survival.regression.cox import fit_cox
from taceflow.survival.regression.pooling import PooledFit, pool


def pooled(between, **changed):
    values = {
        "names": ("a",),
        "coefficients": np.array([2.0]),
        "within": np.eye(1),
        "between": np.atleast_2d(between),
        "imputations": 3,
        "n": 40,
        "events": 28,
    }
    return PooledFit(**values | changed)


def test_rubins_rules_by_hand():
    found = pooled(1.0)  # three estimates 1, 2, 3 with variance 1 each
    assert found.standard_errors[0] ** 2 == pytest.approx(7 / 3)
    old, observed = 2 / (4 / 7) ** 2, 28 / 30 * 27 * (3 / 7)
    freedom = old * observed / (old + observed)
    assert found.degrees_of_freedom[0] == pytest.approx(freedom)
    assert freedom == pytest.approx(3.9084, abs=1e-4)
    assert found.wald_p[0] == pytest.approx(2 * stats.t.sf(2 / np.sqrt(7 / 3), freedom))
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(7 / 3)
    np.testing.assert_allclose(found.ratios[0], np.exp([2, 2 - reach, 2 + reach]))


def test_the_joint_test_by_hand():
    found = pooled(
        0.1 * np.eye(2),
        names=("a", "b"),
        coefficients=np.array([1.0, 2.0]),
        within=np.eye(2),
        imputations=5,
    )
    # Relative increase 0.12; 28 - 2 complete degrees of freedom; mitml's D1 finds 20.5096.
    expected = stats.f.sf(5 / 2.24, 2, 20.509644537852733)
    assert found.joint_p(["a", "b"]) == pytest.approx(expected)


def test_the_joint_test_has_few_degrees_of_freedom_with_few_deaths_or_tables():
    made = {"names": ("a", "b"), "coefficients": np.array([1.0, 2.0]), "within": np.eye(2)}
    lowest = stats.f.sf(5 / 2.24, 2, 4)
    few_deaths = pooled(0.1 * np.eye(2), **made, imputations=5, events=6)
    assert few_deaths.joint_p(["a", "b"]) == pytest.approx(lowest)
    few_tables = pooled(0.08 * np.eye(2), **made, imputations=2)
    assert few_tables.joint_p(["a", "b"]) == pytest.approx(lowest)


def test_the_joint_test_without_gaps_is_walds():
    without = pooled(np.zeros((1, 1)))
    assert without.joint_p(["a"]) == pytest.approx(stats.chi2.sf(4, 1))


def test_pooling_equal_fits_gives_the_fit_back(cohort):
    fit = fit_cox(cohort["time_months"], cohort["event"], cohort[["strong"]], ["strong"])
    found = pool([fit, fit, fit])
    np.testing.assert_allclose(found.coefficients, fit.coefficients)
    np.testing.assert_allclose(found.standard_errors, fit.standard_errors)
    assert (found.n, found.events) == (fit.n, fit.events)
