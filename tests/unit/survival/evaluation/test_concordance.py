"""Harrell's C: estimate against lifelines and scikit-survival, its error by definition."""

import numpy as np
import pytest
from lifelines.utils import concordance_index
from sksurv.metrics import concordance_index_censored

from taceflow.survival.evaluation import concordance as module
from taceflow.survival.evaluation.concordance import compare, concordance


@pytest.fixture
def tied():
    draw = np.random.default_rng(9)
    time = draw.integers(1, 25, 120).astype(float)
    event = draw.random(120) < 0.6
    risk = np.round(draw.normal(size=120) - 0.05 * time, 1)
    return time, event, risk


def weighted_c(time, event, risk, weight):
    pairs = agreeing = 0.0
    for i in range(len(time)):
        for j in range(len(time)):
            if event[i] and (time[i] < time[j] or (time[i] == time[j] and not event[j])):
                pairs += weight[i] * weight[j]
                order = 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0
                agreeing += weight[i] * weight[j] * order
    return agreeing / pairs


def test_estimate_equals_scikit_survival_and_lifelines(tied, veteran):
    time, event, risk = tied
    found = concordance(time, event, risk).estimate
    # scikit-survival counts risks within 1e-8 as tied, and the same pairs as R.
    assert found == pytest.approx(concordance_index_censored(event, time, risk)[0], abs=1e-14)
    time, event = veteran["time_months"].to_numpy(float), veteran["event"].to_numpy()
    karno = veteran["karno"].to_numpy(float)
    found = concordance(time, event, -karno).estimate
    assert found == pytest.approx(concordance_index(time, karno, event), abs=1e-14)


def test_influence_is_the_derivative_by_weight(tied):
    time, event, risk = (value[:40] for value in tied)
    found = concordance(time, event, risk)
    step = 1e-6
    for k in (0, 7, 39):
        up, down = np.ones(40), np.ones(40)
        up[k] += step
        down[k] -= step
        slope = (weighted_c(time, event, risk, up) - weighted_c(time, event, risk, down)) / 2 / step
        assert found.influence[k] == pytest.approx(slope, abs=1e-8)
    assert found.standard_error == pytest.approx(np.sqrt(np.sum(found.influence**2)))


def test_blocks_change_nothing(tied, monkeypatch):
    whole = concordance(*tied)
    monkeypatch.setattr(module, "_BLOCK", 7)
    pieces = concordance(*tied)
    assert pieces.estimate == pytest.approx(whole.estimate, abs=1e-15)
    assert pieces.standard_error == pytest.approx(whole.standard_error, abs=1e-15)


def test_standard_error_is_near_the_bootstraps(tied):
    time, event, risk = tied
    draw = np.random.default_rng(2)
    again = []
    for _ in range(300):
        rows = draw.integers(0, 120, 120)
        again.append(concordance(time[rows], event[rows], risk[rows]).estimate)
    assert concordance(*tied).standard_error == pytest.approx(np.std(again), rel=0.2)


def test_paired_test(tied):
    time, event, risk = tied
    good = concordance(time, event, risk)
    noise = concordance(time, event, np.random.default_rng(4).normal(size=120))
    difference = compare(good, noise)
    assert difference.estimate == pytest.approx(good.estimate - noise.estimate)
    assert difference.lower < difference.estimate < difference.upper
    assert (difference.p < 0.05) == (difference.lower > 0)
    mirrored = compare(noise, good)
    assert mirrored.p == difference.p
    assert mirrored.lower == pytest.approx(-difference.upper)


def test_a_score_against_itself_does_not_differ(tied):
    same = concordance(*tied)
    assert compare(same, same).estimate == 0
    assert np.isnan(compare(same, same)[1:]).all()


def test_without_a_comparable_pair_there_is_no_test(tied):
    time, _, risk = tied
    nothing = concordance(time, np.zeros(120), risk)
    assert np.isnan(compare(nothing, nothing)).all()


def test_constant_risk_is_one_half_and_no_death_is_nothing(tied):
    time, event, _ = tied
    flat = concordance(time, event, np.zeros(120))
    assert (flat.estimate, flat.standard_error) == (0.5, 0)
    assert np.isnan(concordance(time, np.zeros(120), np.zeros(120)).estimate)


def test_perfect_order():
    time = np.arange(1.0, 11)
    found = concordance(time, np.ones(10), -time)
    assert found.estimate == 1
    assert found.interval == (1, 1)


def test_no_difference_is_larger_than_1():
    time, event = np.arange(1.0, 7.0), np.array([1, 1, 0, 1, 0, 1])
    first = concordance(time, event, np.array([5, 1, 4, 2, 0, 3]))
    second = concordance(time, event, np.array([0, 5, 2, 1, 3, 4]))
    found, turned = compare(first, second), compare(second, first)
    # six patients: the normal interval alone would reach 1.20
    assert found.estimate == pytest.approx(3 / 11)
    assert (found.upper, turned.lower) == (1, -1)
    assert -1 < found.lower == -turned.upper < 0
