"""ICC against R's psych and Shrout & Fleiss' own table, and against a fit one feature at a time."""

import numpy as np
import pandas as pd
import pytest

from taceflow.radiomics.icc import icc_agreement, icc_of_complete, icc_one_way

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)
"""Six targets by four judges: Shrout & Fleiss 1979, table 2."""

ESTIMATORS = {"ICC1": icc_one_way, "ICC2": icc_agreement}


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_icc_equals_psych(shared_data, kind):
    table = pd.read_csv(shared_data / "stat/icc/shrout_fleiss.csv", skipinitialspace=True)
    expected = table.set_index("type").loc[kind, ["icc", "lo95", "hi95"]].to_numpy(float)
    found = [value[0] for value in ESTIMATORS[kind](SHROUT_FLEISS[:, :, None])]
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("kind", "printed"), [("ICC1", (0.17, -0.13, 0.72)), ("ICC2", (0.29, 0.02, 0.76))]
)
def test_icc_as_printed_by_shrout_and_fleiss(kind, printed):
    found = [round(float(value[0]), 2) for value in ESTIMATORS[kind](SHROUT_FLEISS[:, :, None])]
    assert tuple(found) == printed


@pytest.mark.parametrize("estimator", ESTIMATORS.values())
def test_many_features_at_once_are_as_each_alone(estimator):
    values = np.random.default_rng(5).normal(size=(9, 3, 40))
    values += np.random.default_rng(6).normal(size=(9, 1, 40)) * np.linspace(0, 9, 40)
    together = np.array(estimator(values))
    alone = np.array([estimator(values[:, :, [j]]) for j in range(40)])[:, :, 0].T
    np.testing.assert_allclose(together, alone, rtol=1e-12)
    assert (together[1] < together[0]).all()
    assert (together[0] < together[2]).all()


@pytest.mark.parametrize("estimator", ESTIMATORS.values())
def test_the_interval_holds_the_truth_in_95_of_100_studies(estimator):
    draw = np.random.default_rng(7)
    values = np.sqrt(0.8) * draw.normal(size=(20, 1, 20000))
    values = values + np.sqrt(0.2) * draw.normal(size=(20, 2, 20000))
    _, lower, upper = estimator(values)
    assert np.mean((lower < 0.8) & (upper > 0.8)) == pytest.approx(0.95, abs=0.01)


def test_icc_is_blind_to_shift_and_scale_and_counts_a_bias_between_readers():
    first = np.random.default_rng(1).normal(size=(20, 1))
    noise = np.random.default_rng(2).normal(size=(20, 1)) * 0.1
    pairs = np.stack([first, first + noise], axis=1)
    biased = np.stack([first, first + noise + 3], axis=1)
    values = np.concatenate([pairs, 1e9 + 1e3 * pairs, biased], axis=2)
    icc, _, _ = icc_agreement(values)
    assert icc[0] == pytest.approx(icc[1], rel=1e-6)
    assert icc[0] > 0.95 > 0.5 > icc[2]


@pytest.mark.parametrize("estimator", ESTIMATORS.values())
def test_identical_readings_are_one_and_a_constant_is_nothing(estimator):
    value = np.arange(5.0) / 7
    identical = np.stack([value, value], axis=1)[:, :, None]
    assert [float(part[0]) for part in estimator(identical)] == [1.0, 1.0, 1.0]
    for constant in (1.0, 0.1, 1e9 / 3):
        assert np.isnan(estimator(np.full((5, 2, 1), constant))).all()


def test_a_reader_who_is_off_by_a_constant_still_has_an_interval():
    value = np.arange(8.0)
    icc, lower, upper = icc_agreement(np.stack([value, value + 1], axis=1)[:, :, None])
    assert 0 < lower[0] < icc[0] < upper[0] < 1


@pytest.mark.parametrize("estimator", ESTIMATORS.values())
def test_icc_needs_two_patients(estimator):
    with pytest.raises(ValueError, match="two patients"):
        estimator(np.ones((1, 2, 1)))


def test_gaps_are_taken_out_feature_by_feature():
    values = np.random.default_rng(8).normal(size=(6, 2, 4))
    values[1, 0, 1] = np.nan
    values[2:, 1, 2] = np.inf
    (icc, _, _), n = icc_of_complete(values, icc_agreement)
    assert n.tolist() == [6, 5, 2, 6]
    assert icc[1] == pytest.approx(icc_agreement(np.delete(values, 1, 0)[:, :, [1]])[0][0])
    assert np.isnan(icc[2])
    (icc, _, _), n = icc_of_complete(values[:0], icc_agreement)
    assert np.isnan(icc).all()
    assert n.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("estimator", ESTIMATORS.values())
def test_one_capped_value_lifts_no_bound_above_1(estimator):
    # PyRadiomics gives a homogeneous tumour a coarseness of 1e6
    values = 0.01 * np.random.default_rng(4).normal(size=(5, 2, 500))
    values[2] = 1e6
    found = np.array(estimator(values))
    assert np.isfinite(found).all()
    assert found.max() <= 1
    assert found.min() > 1 - 1e-9


@pytest.mark.parametrize("unit", [1e-100, 1e-12, 1e12, 1e100])
@pytest.mark.parametrize("estimator", ESTIMATORS.values())
def test_an_icc_has_no_unit(estimator, unit):
    values = np.random.default_rng(4).normal(size=(8, 2, 20)) + np.arange(8)[:, None, None]
    np.testing.assert_allclose(estimator(values * unit), estimator(values), rtol=1e-9)
