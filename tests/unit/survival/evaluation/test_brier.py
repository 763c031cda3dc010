"""The integrated Brier score."""

import numpy as np
import pytest

from taceflow.survival.evaluation.bootstrap_intervals import generator_for
from taceflow.survival.evaluation.brier import brier_times, integrated_brier


def test_brier_of_a_coin_and_of_knowledge(data):
    time, event, _ = data
    times, note = brier_times(time, event, [12.0, 24.0])
    assert note == ""
    assert times[-1] == 24
    coin = np.full((len(time), len(times)), 0.5)
    known = (time[:, None] > times).astype(float)
    draws = generator_for(1, "a", "b")
    score = integrated_brier(time, event, coin, times, bootstraps=20, generator=draws)
    assert score.estimate == pytest.approx(0.25, abs=0.01)
    perfect = integrated_brier(time, event, known, times, bootstraps=20, generator=draws)
    assert perfect.estimate == pytest.approx(0, abs=1e-12)


def test_brier_without_reach():
    times, note = brier_times(np.array([1.0, 2.0]), np.array([1, 0]), [12.0])
    assert len(times) == 0
    assert "nobody followed beyond 12" in note
    score = integrated_brier(
        np.array([1.0]),
        np.array([1]),
        np.ones((1, 0)),
        times,
        bootstraps=20,
        generator=generator_for(1),
    )
    assert np.isnan(score.estimate)
