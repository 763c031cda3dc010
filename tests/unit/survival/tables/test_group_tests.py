"""Tests between two groups, as in R."""

import json
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from taceflow.survival.tables.group_tests import (
    compare_counts,
    compare_numbers,
    fisher_p,
    variance_ratio_p,
    wilcoxon_p,
)


@pytest.fixture(scope="module")
def lung(shared_data):
    table = pd.read_csv(shared_data / "stat/table1/lung_cohort.csv", skipinitialspace=True)
    names = {"train": "training", "valid": "validation"}
    return table.assign(cohort=table["cohort"].map(names))


@pytest.fixture(scope="module")
def expected(shared_data):
    return json.loads((shared_data / "stat/table1/tests.json").read_text())


def halves(lung, column):
    return [
        lung.loc[lung["cohort"] == name, column].dropna().to_numpy(float)
        for name in ("training", "validation")
    ]


@pytest.mark.parametrize("column", ["age", "meal.cal", "wt.loss", "ph.karno"])
def test_numbers_equal_r(lung, expected, column):
    first, second = halves(lung, column)
    r = expected[column]
    assert wilcoxon_p(first, second) == pytest.approx(r["wilcoxon_p"], rel=1e-9)
    assert variance_ratio_p(first, second) == pytest.approx(r["var_test_p"], rel=1e-9)
    assert stats.ttest_ind(first, second).pvalue == pytest.approx(r["student_p"], rel=1e-9)
    assert stats.shapiro(first).pvalue == pytest.approx(r["shapiro_p_train"], rel=1e-4)
    found = compare_numbers(first, second)
    assert (found.name, found.p) == ("Wilcoxon rank-sum", pytest.approx(r["wilcoxon_p"]))


def test_a_small_wilcoxon_is_exact(shared_data):
    r = json.loads((shared_data / "stat/table1/wilcoxon_exact_small.json").read_text())
    assert wilcoxon_p(np.array(r["x"]), np.array(r["y"])) == pytest.approx(r["exact_p"], rel=1e-9)


def test_normal_numbers_take_a_t_test():
    draw = np.random.default_rng(1)
    first, second = draw.normal(size=80), draw.normal(0.5, 1, 40)
    assert compare_numbers(first, second).name == "Student's t"
    assert compare_numbers(first, 5 * second).name == "Welch's t"


def test_counts_equal_r(expected):
    sex = compare_counts(np.array(expected["sex"]["counts"]))
    assert (sex.name, sex.p) == ("chi-square", pytest.approx(expected["sex"]["chisq_p_default"]))
    assert fisher_p(np.array(expected["sex"]["counts"])) == pytest.approx(
        expected["sex"]["fisher_p"], rel=1e-9
    )
    ecog = compare_counts(np.array(expected["ph.ecog"]["counts"]))
    assert ecog.name == "Fisher's exact"
    assert ecog.p == pytest.approx(expected["ph.ecog"]["fisher_p"], rel=1e-9)


def test_a_table_too_large_to_enumerate_is_drawn_from_the_seed(expected):
    counts = np.array(expected["inst"]["counts"])
    first = compare_counts(counts, seed=3)
    assert first == compare_counts(counts, seed=3)
    assert 0.2 < first.p < 0.7  # chi-square: 0.43


def test_fisher_equals_scipy_for_two_levels():
    table = np.array([[3, 9], [8, 1]])
    padded = np.array([[3, 9], [8, 1], [0, 0]])
    assert compare_counts(padded).p == pytest.approx(stats.fisher_exact(table).pvalue)


def test_fisher_takes_little_memory_whatever_the_order_of_the_levels():
    # 421 patients; R's fisher.test(workspace = 2e8)
    table = np.array([[190, 110], [36, 24], [20, 20], [10, 2], [1, 5], [0, 3]])
    for ordered in (table, table[::-1], table[[3, 0, 5, 1, 4, 2]]):
        tracemalloc.start()
        try:
            assert fisher_p(ordered) == pytest.approx(0.0101907378597, rel=1e-9)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < 100e6


def test_levels_of_thousands_of_patients():
    # R's fisher.test(workspace = 2e8)
    table = np.array([[1900, 1800], [12, 1], [3, 9], [5, 5]])
    assert fisher_p(table) == pytest.approx(0.00435074575103, rel=1e-9)
    # two of thousands: fewer than any power of one half that floating point knows
    rare = np.array([[2, 2990], [10, 1], [5, 5]])
    assert fisher_p(rare) == pytest.approx(4.14234254598e-35, rel=1e-8)


def test_one_level_or_one_group_has_no_test():
    assert np.isnan(compare_counts(np.array([[5, 7], [0, 0]])).p)
    assert np.isnan(compare_counts(np.array([[5, 0], [3, 0]])).p)
    assert np.isnan(compare_numbers(np.array([1.0, 2.0]), np.array([])).p)
