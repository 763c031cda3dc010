"""Cut-offs: published corrected p values, the definition by brute force, and hard cases."""

import numpy as np
import pytest
from lifelines.statistics import logrank_test
from scipy import stats

from taceflow.survival.models.cut_off import (
    corrected_p,
    find_cut_off,
    find_score_cut_off,
    log_rank_scores,
    maximally_selected,
    risk_groups,
)
from taceflow.survival.regression.cox import fit_cox


@pytest.mark.parametrize(
    ("smallest", "corrected"), [(0.0224, 0.29), (0.0028, 0.06), (0.002, 0.045)]
)
def test_corrected_p_equals_altmans_published_examples(smallest, corrected):
    # Altman et al., J Natl Cancer Inst 1994;86:829, and a letter of 1998: smallest p, corrected p
    statistic = stats.norm.isf(smallest / 2)
    assert corrected_p(statistic) == pytest.approx(corrected, abs=0.005)


def test_corrected_p_is_a_probability_and_falls():
    p = [corrected_p(b) for b in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 40.0)]
    assert p[:2] == [1.0, 1.0]
    assert (np.diff(p) <= 0).all()
    assert all(0 <= value <= 1 for value in p)


def test_log_rank_scores_by_hand():
    time, event = np.array([4.0, 1.0, 2.0, 3.0]), np.array([1, 1, 0, 1])
    hazard = np.array([1 / 4 + 1 / 2 + 1, 1 / 4, 1 / 4, 1 / 4 + 1 / 2])
    np.testing.assert_allclose(log_rank_scores(time, event), event - hazard)
    tied = log_rank_scores(np.array([1.0, 1.0, 2.0]), np.array([1, 1, 0]))
    np.testing.assert_allclose(tied, [0, 0, -1])  # each of the two deaths sees two at risk
    assert log_rank_scores(time, np.zeros(4)).tolist() == [0, 0, 0, 0]


@pytest.fixture
def stepped():
    draw = np.random.default_rng(6)
    scores = draw.normal(size=120)
    death = draw.exponential(20, 120) * np.where(scores > 0.8, 0.25, 1.0)
    censoring = draw.uniform(5, 60, 120)
    return scores, np.minimum(death, censoring), (death <= censoring).astype(int)


def test_the_statistic_is_the_permutation_one(stepped):
    scores, time, event = stepped
    values = log_rank_scores(time, event)
    found = {}
    for cut in np.sort(scores):
        low = scores <= cut
        if 12 <= low.sum() <= 108:
            mean, spread = values.mean(), values.var(ddof=1)
            error = np.sqrt(spread * low.sum() * (~low).sum() / 120)
            found[cut] = abs(values[low].sum() - low.sum() * mean) / error
    best = max(found, key=found.get)
    assert maximally_selected(*stepped) == (pytest.approx(best), pytest.approx(found[best]))


def test_a_planted_step_is_found_near_the_best_log_rank_test(stepped):
    scores, time, event = stepped
    found = find_cut_off(*stepped, "log_rank")
    assert 0.4 < found.value < 1.0
    assert found.method == "log_rank"
    assert found.p_corrected < 0.01
    high = scores > found.value
    plain = logrank_test(time[high], time[~high], event[high], event[~high])
    assert found.p_corrected > plain.p_value


def test_noise_is_significant_as_often_as_it_should_be():
    draw = np.random.default_rng(3)
    p = []
    for _ in range(200):
        time, event = draw.exponential(10, 80), draw.integers(0, 2, 80)
        p.append(find_cut_off(draw.normal(size=80), time, event, "log_rank").p_corrected)
    # the uncorrected share would be near 0.4
    assert np.mean(np.array(p) < 0.05) < 0.09


def test_the_median(stepped):
    found = find_cut_off(*stepped, "median")
    lower, upper = np.sort(stepped[0])[59:61]
    assert lower < found.value < upper
    assert len(f"{found.value:g}") <= 6
    assert (found.method, found.p_corrected, found.statistic, found.note) == (
        "median",
        None,
        None,
        "",
    )


@pytest.mark.parametrize(
    ("scores", "event"),
    [
        (np.zeros(30), np.ones(30)),
        (np.r_[np.zeros(29), 1.0], np.ones(30)),
        (np.arange(30.0), np.zeros(30)),
    ],
)
def test_nothing_to_select_falls_back_to_the_median_and_says_so(scores, event):
    found = find_cut_off(scores, np.arange(1.0, 31), event, "log_rank")
    assert found.method == "median"
    assert found.value == {0: 0.0, 1: 0.5, 29: 14.5}[scores.max()]
    assert "the median is used" in found.note


def test_equal_scores_stay_on_one_side_and_ties_in_time_are_fine():
    scores = np.repeat([1.0, 2.0, 3.0], 10)
    time = np.r_[np.full(20, 9.0), np.full(10, 2.0)]
    found = find_cut_off(scores, time, np.ones(30), "log_rank")
    assert found.value == 2.5
    assert np.isfinite([found.statistic, found.p_corrected]).all()


@pytest.mark.parametrize("method", ["median", "log_rank"])
@pytest.mark.parametrize("n", [119, 120])
def test_a_cut_off_is_nobodys_score_and_parts_them_as_the_score_below_it(stepped, method, n):
    scores, time, event = (values[:n] for values in stepped)
    found = find_score_cut_off(scores, time, event, method)
    assert found.value not in scores
    at = maximally_selected(scores, time, event)[0] if method == "log_rank" else np.median(scores)
    assert scores[scores < found.value].max() <= at < scores[scores > found.value].min()
    # a middle to its last digit is an equation of two patients
    assert len(f"{found.value}") <= 6
    turned = find_score_cut_off(-scores, time, event, method)
    assert turned.value not in -scores


def test_between_neighbouring_numbers_the_lower_is_the_cut_off():
    upper = np.nextafter(1.0, 2.0)
    found = find_cut_off(np.r_[np.ones(15), np.full(15, upper)], *np.ones((2, 30)), "median")
    assert risk_groups(np.array([1.0, upper]), found.as_json()).tolist() == ["low", "high"]


@pytest.mark.parametrize(
    ("scores", "high"),
    [
        (np.r_[np.zeros(40), np.ones(80)], 80),  # most have the higher of two values
        (np.r_[np.zeros(80), np.ones(40)], 40),
        (np.r_[np.zeros(60), np.ones(60)], 60),
        (np.r_[np.arange(50.0), np.full(70, 99.0)], 70),  # most share the highest of many
        (np.r_[np.zeros(119), 1.0], 1),
        (np.r_[0.0, np.ones(119)], 119),
    ],
)
@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
def test_the_median_of_tied_scores_parts_the_groups_that_exist(scores, high, scale):
    draw = np.random.default_rng(4)
    found = find_cut_off(scores * scale, draw.exponential(9, 120), np.ones(120), "median")
    groups = risk_groups(scores * scale, found.as_json())
    assert (groups == "high").sum() == high
    assert ("nobody lies above the median" in found.note) == (high > 60)
    assert ("119 of 120 training patients share the median, 1 lie" in found.note) == (high == 1)


@pytest.mark.parametrize("method", ["median", "log_rank"])
def test_one_group_has_its_reason(method):
    found = find_cut_off(np.full(30, 0.5), np.arange(1.0, 31), np.ones(30), method)
    assert "one risk group, low: all 30 training patients have the same score" in found.note
    assert set(risk_groups(np.full(30, 0.5), found.as_json())) == {"low"}


@pytest.mark.parametrize("method", ["median", "log_rank"])
def test_a_score_that_goes_with_longer_survival_has_its_high_risk_below(stepped, method):
    scores, time, event = stepped
    upright = find_score_cut_off(scores, time, event, method)
    turned = find_score_cut_off(-scores, time, event, method)
    assert (upright.high_risk, turned.high_risk) == ("above", "below")
    assert (upright.note, turned.value) == ("", -upright.value)
    assert turned.note.startswith("in these training patients a higher score went with longer")
    both = (risk_groups(s, c.as_json()) for s, c in ((scores, upright), (-scores, turned)))
    np.testing.assert_array_equal(*both)


def test_the_direction_is_that_of_coxs_coefficient_even_where_this_is_infinite():
    draw = np.random.default_rng(6)
    for _ in range(40):
        scores, time = draw.normal(size=30), np.ceil(draw.exponential(6, 30))
        event = draw.integers(0, 2, 30)
        slope = fit_cox(time, event, scores[:, None], ["score"]).coefficients[0]
        found = find_score_cut_off(scores, time, event, "median")
        assert found.high_risk == ("below" if slope < 0 else "above")
    time = np.arange(1.0, 31)
    assert find_score_cut_off(time, time, np.ones(30), "median").high_risk == "below"
    assert find_score_cut_off(-time, time, np.ones(30), "median").high_risk == "above"
    for scale in (1e-200, 1e200):
        assert find_score_cut_off(time * scale, time, np.ones(30), "median").high_risk == "below"
