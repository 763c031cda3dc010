"""ComBat against R's sva (data/combat.R wrote data/combat.json), and what its users run into."""

import json
from pathlib import Path

import numpy as np
import pytest

from taceflow.radiomics.combat import fit_combat

R = json.loads((Path(__file__).parent / "data" / "combat.json").read_text())


def uniform(state=2):
    while True:
        state = 16807 * state % 2147483647
        yield state / 2147483647


@pytest.fixture(scope="module")
def batch():
    return ["10", "9", "10", "B", "10", "9", "10", "B", "10", "9", "10"] * 3


@pytest.fixture(scope="module")
def values(batch):
    draws, n, p = uniform(), 33, 12
    x = np.array([sum(next(draws) for _ in range(12)) - 6 for _ in range(n * p)])
    x = x.reshape(p, n).T.copy()
    number = np.arange(1, p + 1)
    nine, b = np.equal(batch, "9"), np.equal(batch, "B")
    x[nine] = 0.5 + 0.1 * number + (1 + 0.05 * number) * x[nine]
    x[b] = -0.8 + 0.05 * number + 0.6 * x[b]
    x = 10.0 ** (number - 7) * (3 + x)
    x[b, -1] = 0.0
    return x


def test_it_is_svas_combat(values, batch):
    found = fit_combat(values, batch, is_exact=True).apply(values, batch)
    assert found == pytest.approx(np.array(R["settled"]), rel=1e-9)
    # sva itself stops earlier
    assert found == pytest.approx(np.array(R["stopped"]), rel=1e-5)


def test_a_feature_constant_in_a_batch_is_left_to_the_byte(values, batch):
    combat = fit_combat(values, batch)
    assert combat.adjusted.tolist() == [True] * 11 + [False]
    assert combat.apply(values, batch)[:, -1].tobytes() == values[:, -1].tobytes()


def test_a_constant_feature_that_a_filter_left_rounding_in_is_constant(values, batch):
    values = np.column_stack([values, 0.1 + 1e-17 * values[:, 6]])
    values[::3, -1] += 2e-17
    assert not fit_combat(values, batch).adjusted[-1]


def test_what_is_stored_is_rounded_to_no_more_than_its_standard_error(values, batch):
    exact, stored = fit_combat(values, batch, is_exact=True), fit_combat(values, batch)
    counts = np.array([[18], [9], [6]])
    spread = np.array([values[np.equal(batch, name)].std(axis=0, ddof=1) for name in exact.batches])
    error = np.abs(stored.location - exact.location)[:, :-1]
    assert (error <= (0.75 * spread / np.sqrt(counts))[:, :-1]).all()
    error = np.abs(stored.scale / exact.scale - 1)
    assert (error <= 0.5 / np.sqrt(2 * counts)).all()
    # and told in three digits at most
    for number in [*stored.scale.ravel(), *stored.centre, *stored.location.ravel()]:
        assert float(f"{number:.3g}") == number


def test_one_patient_more_is_hidden_by_the_rounding(values, batch):
    """Of two models, one of them without a patient, most numbers of his scanner are the same."""
    with_him, without = fit_combat(values, batch), fit_combat(values[1:], batch[1:])
    told = np.mean(with_him.location[0] != without.location[0])
    assert told < 0.5


def test_a_patient_is_harmonised_by_his_own_values_alone(values, batch):
    combat = fit_combat(values, batch)
    together = combat.apply(values, batch)
    for row in (0, 1, 3):
        assert combat.apply(values[[row]], [batch[row]]).tobytes() == together[[row]].tobytes()


@pytest.mark.parametrize("name", ["Toshiba", None, "10.0"])
def test_an_unseen_batch_is_left_as_it_is(values, batch, name):
    combat = fit_combat(values, batch)
    assert combat.apply(values[:2], [name, name]).tobytes() == values[:2].tobytes()


@pytest.mark.parametrize("name", ["C", None])
def test_a_batch_of_one_patient_is_not_seen_and_moves_nothing(values, batch, name):
    outlier = np.vstack([values, 1e9 * values[0]])
    combat = fit_combat(outlier, [*batch, name])
    assert combat.batches == ("10", "9", "B")
    assert combat.apply(values, batch).tobytes() == (
        fit_combat(values, batch).apply(values, batch).tobytes()
    )


def test_copies_of_one_patient_are_one_patient(values, batch):
    """A resample may hold a scanner's only patient several times."""
    drawn = np.vstack([values, *[values[[0]]] * 4])
    combat = fit_combat(drawn, [*batch, *["C"] * 4])
    assert combat.batches == ("10", "9", "B")


@pytest.mark.parametrize("names", [["A"] * 33, [None] * 33, list(map(str, range(33)))])
def test_where_nothing_can_be_compared_nothing_is_moved(values, names):
    combat = fit_combat(values, names)
    assert combat.batches == ()
    assert combat.apply(values, names).tobytes() == values.tobytes()


@pytest.mark.parametrize("columns", [[3], [3, 3], [3, 3, 3]])
def test_features_that_tell_the_same_are_taken_as_they_are(values, batch, columns):
    """One feature has no others to be drawn towards: R returns NaN, or does not end."""
    found = fit_combat(values, batch, is_exact=True).batches
    combat = fit_combat(values[:, columns], batch, is_exact=True)
    moved = combat.apply(values[:, columns], batch)
    for name in found:
        rows = np.equal(batch, name)
        assert moved[rows].mean(axis=0) == pytest.approx(values[:, columns].mean(axis=0))
    spreads = [moved[np.equal(batch, name)].std(axis=0, ddof=1) for name in found]
    assert spreads[1] == pytest.approx(spreads[0])


def test_no_features_are_no_trouble(batch):
    combat = fit_combat(np.empty((33, 0)), batch)
    assert combat.apply(np.empty((33, 0)), batch).shape == (33, 0)


def test_a_missing_value_stays_missing_and_is_its_patients_alone(values, batch):
    combat = fit_combat(values, batch)
    gap = values.copy()
    gap[1, 2] = np.nan
    found, whole = combat.apply(gap, batch), combat.apply(values, batch)
    assert np.isnan(found[1, 2])
    assert np.isnan(found).sum() == 1
    whole[1, 2] = np.nan
    assert np.array_equal(found, whole, equal_nan=True)


def test_a_capped_feature_does_not_spoil_the_others(values, batch):
    """NGTDM coarseness is 1e6 in a homogeneous tumour, and about 0.01 in others."""
    capped = 0.01 + 1e-3 * values[:, 6]
    capped[[0, 5]] = 1e6
    both = np.column_stack([values, capped])
    moved = fit_combat(both, batch, is_exact=True).apply(both, batch)
    assert np.isfinite(moved).all()
    error = np.abs(moved[:, :11] - np.array(R["settled"])[:, :11])
    assert (error < 0.35 * values[:, :11].std(axis=0)).all()
