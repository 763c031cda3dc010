"""A nomogram read by hand gives the survival that the model predicts."""

import numpy as np
import pandas as pd
import pytest

from taceflow.figures.nomogram import nomogram
from taceflow.survival.models.nomogram import SURVIVALS, make_nomogram, round_values
from taceflow.survival.regression.cox import fit_cox, linear_predictor, predicted_survival
from taceflow.survival.regression.design import Term, encode

TERMS = (Term("age"), Term("stage", "1", ("2", "3")), Term("flag"))


@pytest.fixture
def fitted(random):
    """A Cox model as `survival/models.json` holds it, and its patients."""
    n = 200
    patients = pd.DataFrame(
        {
            "age": random.integers(30, 81, n).astype(float),
            "stage": random.integers(1, 4, n),
            "flag": random.integers(0, 2, n),
        }
    )
    design = encode(patients, TERMS)
    hazard = np.exp(
        0.03 * patients["age"] + 0.5 * (patients["stage"] == 3) - 0.4 * patients["flag"]
    )
    time = random.exponential(200 / hazard)
    event = (random.random(n) < 0.8).astype(int)
    fit = fit_cox(time, event, design.to_numpy(), list(design.columns))
    model = {
        "terms": [term.as_json() for term in TERMS],
        "variables": list(fit.names),
        "coefficients": dict(zip(fit.names, fit.coefficients, strict=True)),
        "unbounded": list(fit.unbounded),
        "centre": dict(zip(fit.names, fit.centre, strict=True)),
        "baseline": {
            "times_months": fit.times_months.tolist(),
            "log_cumulative_hazard": fit.log_cumulative_hazard.tolist(),
            "last_follow_up_months": fit.last_follow_up_months,
        },
    }
    return model, patients, fit


@pytest.fixture
def random():
    """A seeded generator."""
    return np.random.default_rng(6)


def points_of(scale, value):
    """Read a line of the nomogram: interpolate between ticks, or find the level."""
    if value in scale.labels:
        return scale.points[scale.labels.index(value)]
    ticks = np.array([float(label) for label in scale.labels])
    slope, start = np.polyfit(ticks, scale.points, 1)
    return start + slope * float(value)


def test_points_added_up_give_the_predicted_survival(fitted):
    model, patients, fit = fitted
    drawn = make_nomogram(model, patients, [12.0])
    months, scale = drawn.survival[0]
    for row in patients.head(40).itertuples():
        values = (row.age, str(row.stage), str(row.flag))
        total = sum(points_of(line, v) for line, v in zip(drawn.variables, values, strict=True))
        design = encode(pd.DataFrame([row._asdict()]), TERMS).to_numpy()
        risk = linear_predictor(design, fit.coefficients, fit.centre)
        expected = predicted_survival(
            risk, fit.times_months, fit.log_cumulative_hazard, fit.last_follow_up_months, [months]
        )[0, 0]
        # between two ticks log(-log S) is linear in the points
        ticks = np.log(-np.log([float(label) for label in scale.labels]))
        slope, start = np.polyfit(scale.points, ticks, 1)
        assert np.exp(-np.exp(start + slope * total)) == pytest.approx(expected, abs=1e-9)


def test_the_strongest_variable_has_a_hundred_points(fitted):
    model, patients, _ = fitted
    drawn = make_nomogram(model, patients, [12.0])
    assert max(np.ptp(line.points) for line in drawn.variables) == pytest.approx(100)
    assert all(line.points.min() >= -1e-9 for line in drawn.variables)


def test_the_lines_cover_the_values_of_the_patients_and_every_sum(fitted):
    model, patients, _ = fitted
    patients = patients.assign(age=patients["age"] + 0.37)
    drawn = make_nomogram(model, patients, [12.0])
    ages = [float(label) for label in drawn.variables[0].labels]
    assert ages[0] <= patients["age"].min()
    assert ages[-1] >= patients["age"].max()
    most = sum(points.max() for points in (line.points for line in drawn.variables))
    assert drawn.total == pytest.approx(most)
    axes = nomogram(drawn, {}, "clinical", "n = 200").axes[0]
    total = next(text for text in axes.texts if text.get_text() == "Total points")
    numbers = [
        text for text in axes.texts if 0 < text.get_position()[1] - total.get_position()[1] < 3
    ]
    numbers = [float(text.get_text()) for text in numbers if text.get_text().isdigit()]
    assert min(numbers) == 0
    assert max(numbers) >= most


def test_levels_have_their_names(fitted):
    model, patients, _ = fitted
    axes = nomogram(make_nomogram(model, patients, [12.0]), {}, "clinical", "n = 200").axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert {"no", "yes"} <= set(texts)
    assert texts.count("1") == texts.count("2") == texts.count("3") == 1


def test_a_horizon_at_which_all_are_alike_has_its_line(fitted):
    model, patients, _ = fitted
    few = {
        **model,
        "baseline": model["baseline"]
        | {
            "times_months": [1.0, 50.0],
            "log_cumulative_hazard": [-13.8, -13.1],
            "last_follow_up_months": 60.0,
        },
    }
    ((_, scale),) = make_nomogram(few, patients, [12.0]).survival
    assert len(scale.labels) >= 3
    assert all(0.99 < float(label) < 1 for label in scale.labels)


def test_horizons_beyond_follow_up_have_no_line(fitted):
    model, patients, fit = fitted
    drawn = make_nomogram(model, patients, [fit.last_follow_up_months + 1])
    assert drawn.survival == ()
    assert nomogram(drawn, {}, "clinical", "n = 200").axes


def test_a_model_without_variables_says_so(fitted):
    model, patients, _ = fitted
    empty = model | {"terms": [], "variables": [], "coefficients": {}, "centre": {}}
    assert make_nomogram(empty, patients, [12.0]) is None
    figure = nomogram(None, {}, "clinical", "")
    assert "No variable entered" in figure.axes[0].texts[1].get_text()


@pytest.mark.parametrize(
    ("low", "high", "finest", "expected"),
    [
        (0, 100, 0, [0, 20, 40, 60, 80, 100]),
        (5, 9, 1, [5, 6, 7, 8, 9]),
        (0, 1, 1, [0, 1]),
        (3, 3, 0, [3]),
        (-0.31, 0.12, 0, [-0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2]),
        (31, 79, 1, [30, 40, 50, 60, 70, 80]),
    ],
)
def test_round_values(low, high, finest, expected):
    np.testing.assert_allclose(round_values(low, high, finest), expected, atol=1e-12)


def test_survival_ticks_fall():
    assert list(SURVIVALS) == sorted(SURVIVALS, reverse=True)
