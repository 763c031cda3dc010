"""Optimism: large for a model chosen among noise, none for one that nothing was chosen for."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from taceflow.errors import CohortTooSmallError
from taceflow.files.schemas import validate_table
from taceflow.survival.evaluation.concordance import concordance
from taceflow.survival.evaluation.merits import merits
from taceflow.survival.evaluation.optimism import (
    COLUMNS,
    _row,
    bootstrap_optimism,
    measured,
    write_optimism,
)
from taceflow.survival.evaluation.resampled_models import resamples_of, resamples_of_scores
from taceflow.survival.models.clinical_variables import clinical_candidates
from taceflow.survival.models.fit import cox_models
from taceflow.survival.models.predictions import predicted_by_cox
from taceflow.survival.models.stored_cox import complete_design, model_risk
from taceflow.survival.regression.variable_selection import Selection, select_variables

NOISE = [{"column": f"noise_{number}", "label": f"Noise {number}"} for number in range(12)]


def patients(n, seed, **columns):
    """Return patients whose survival depends on nothing but what is given."""
    random = np.random.default_rng(seed)
    table = {one["column"]: random.normal(size=n) for one in NOISE} | columns
    risk = columns.get("truth", 0)
    return pd.DataFrame(
        {
            "patient_id": [f"P{number}" for number in range(n)],
            "time_months": random.exponential(20 * np.exp(-risk), n) + 0.01,
            "event": (random.random(n) < 0.8).astype(int),
            "radscore": random.normal(size=n),
            **table,
        }
    )


def optimism(training, models, build, bootstraps):
    """Return the rows of the clinical model."""
    drawn = resamples_of(training, build, bootstraps, np.random.default_rng(1))
    return bootstrap_optimism(training, {"clinical": models["clinical"]}, drawn, [12.0], bootstraps)


def corrected(training, variables, bootstraps=30, select="univariate"):
    """Return the rows of the clinical model by figure of merit, and the model."""
    candidates = clinical_candidates(variables)

    def build(sample):
        return cox_models(sample, select_variables(sample, candidates, 0.2, select), "none")

    rows = optimism(training, build(training), build, bootstraps)
    table = pd.DataFrame(rows, columns=COLUMNS)
    validate_table(table, "optimism", source="made")
    return table.set_index(["model", "metric"]).loc["clinical"], build(training)["clinical"]


def figures(model, table):
    """Return figures of merit among some patients by their name."""
    found, _ = measured(model, table, table, [12.0])
    return {metric: value for (metric, _), value in found.items()}


@pytest.mark.parametrize("select", ["univariate", "stepwise"])
def test_a_model_chosen_among_noise_falls_to_chance(select):
    table, model = corrected(patients(60, seed=3), NOISE, select=select)
    fresh = figures(model, patients(4000, seed=4))
    assert table.loc["c_index", "apparent"] > 0.6
    assert fresh["c_index"] < 0.53
    # Each is clearly nearer to what the model is worth elsewhere than the figure of the fit.
    for metric in ("c_index", "auc", "brier_integrated", "calibration_slope"):
        row = table.loc[metric]
        assert row["corrected"] == pytest.approx(row["apparent"] - row["optimism"])
        apart = abs(row["apparent"] - fresh[metric])
        assert abs(row["corrected"] - fresh[metric]) < 0.7 * apart, metric


@pytest.mark.filterwarnings("ignore:Column:lifelines.exceptions.ConvergenceWarning")
def test_optimism_is_that_of_the_definition():
    training = patients(50, seed=9)
    draw = np.random.default_rng(1)
    differences = []
    for _ in range(5):
        sample = training.iloc[draw.integers(0, 50, 50)].reset_index(drop=True)
        fit = CoxPHFitter().fit(sample[["time_months", "event", "noise_0"]], "time_months", "event")
        slopes = [
            CoxPHFitter()
            .fit(
                rows[["time_months", "event"]].assign(risk=fit.predict_log_partial_hazard(rows)),
                "time_months",
                "event",
            )
            .params_["risk"]
            for rows in (sample, training)
        ]
        differences.append(slopes[0] - slopes[1])

    def build(table):
        return cox_models(table, clinical_candidates(NOISE[:1]))

    rows = optimism(training, build(training), build, 5)
    found = next(row for row in rows if row["metric"] == "calibration_slope")
    assert found["optimism"] == pytest.approx(np.mean(differences), rel=1e-3)
    assert found["resamples"] == 5


def test_a_true_predictor_keeps_its_figures():
    truth = np.random.default_rng(5).normal(size=150)
    table, _ = corrected(
        patients(150, seed=6, truth=truth), [{"column": "truth", "label": "Truth"}]
    )
    assert table.loc["c_index", "apparent"] > 0.7
    assert abs(table.loc["c_index", "optimism"]) < 0.01
    assert abs(table.loc["auc", "optimism"]) < 0.02
    assert -0.02 < table.loc["brier_integrated", "optimism"] < 0
    assert abs(table.loc["calibration_slope", "optimism"]) < 0.1


def test_apparent_figures_are_those_of_the_performance():
    training = patients(80, seed=10)
    training.loc[:4, "noise_0"] = np.nan
    table, model = corrected(training, NOISE, bootstraps=2)
    rows = training.dropna(subset=[term["column"] for term in model["terms"]])
    design = complete_design(model, rows)
    expected = merits(
        rows["time_months"].to_numpy(),
        rows["event"].to_numpy(),
        predicted_by_cox(model_risk(model, design), model),
        [12.0],
    )
    for metric, _, one in expected:
        assert table.loc[metric, "apparent"] == one.estimate


def test_resamples_without_a_model_leave_no_correction():
    training = patients(40, seed=7)
    models = cox_models(training, clinical_candidates(NOISE[:1]))

    def build(_):
        raise CohortTooSmallError("nobody died")

    row = optimism(training, models, build, 5)[0]
    assert np.isnan(row["corrected"])
    assert row["note"] == "0 of 5 resamples gave a number: no correction"


def best_of_noise(features, table, drawn):
    """Return the feature that orders the patients drawn best, turned so that more is worse."""
    time, event = table["time_months"].to_numpy()[drawn], table["event"].to_numpy()[drawn]
    found = [concordance(time, event, one[drawn]).estimate - 0.5 for one in features.T]
    best = int(np.argmax(np.abs(found)))
    return np.sign(found[best]) * features[:, best]


@pytest.fixture
def chosen_among_noise():
    """60 patients whose score is the best of 40 features of noise, in resamples another one."""
    random = np.random.default_rng(2)
    features, table = random.normal(size=(60, 40)), patients(60, seed=12)
    table["radscore"] = best_of_noise(features, table, np.arange(60))
    parts = []
    for number in range(40):
        drawn = random.integers(0, 60, 60)
        score, copies = best_of_noise(features, table, drawn), np.bincount(drawn, minlength=60)
        part = {"resample": number, "patient_id": table["patient_id"], "copies": copies}
        parts.append(pd.DataFrame(part | {"radscore": score}))
    return table, pd.concat(parts, ignore_index=True)


def of_radscore(training, scores):
    model = {"radscore": cox_models(training, [])["radscore"]}
    drawn = resamples_of_scores(training, scores)
    rows = bootstrap_optimism(training, model, drawn, [12.0], scores["resample"].nunique())
    table = pd.DataFrame(rows, columns=COLUMNS)
    validate_table(table, "optimism", source="made")
    return table.set_index("metric")


def test_a_radscore_chosen_among_noise_loses_its_figures(chosen_among_noise):
    training, scores = chosen_among_noise
    table = of_radscore(training, scores)
    assert table.loc["c_index", "apparent"] > 0.6
    assert table.loc["c_index", "corrected"] < 0.58
    assert table.loc["auc", "optimism"] > 0.05
    assert table.loc["brier_integrated", "optimism"] < 0
    assert table.loc["calibration_slope", "corrected"] < 0.7
    assert (table["resamples"] == 40).all()


def test_optimism_of_a_radscore_by_hand(chosen_among_noise):
    training, scores = chosen_among_noise
    one = scores[scores["resample"] == 3].reset_index(drop=True)
    of_all = concordance(training["time_months"], training["event"], one["radscore"]).estimate
    rows = np.repeat(np.arange(60), one["copies"])
    there = concordance(
        training["time_months"].to_numpy()[rows],
        training["event"].to_numpy()[rows],
        one["radscore"].to_numpy()[rows],
    ).estimate
    found = of_radscore(training, one.sample(frac=1, random_state=1))
    assert found.loc["c_index", "optimism"] == pytest.approx(there - of_all)


def test_patients_who_took_no_part_in_the_fits_are_left_out(chosen_among_noise):
    training, scores = chosen_among_noise
    fewer = scores[scores["patient_id"] != "P7"]
    _, whole, _ = next(resamples_of_scores(training, fewer))
    assert set(training["patient_id"]) - set(whole["patient_id"]) == {"P7"}


def test_a_radscore_without_resamples_is_not_corrected(chosen_among_noise):
    training, scores = chosen_among_noise
    table = of_radscore(training, scores.iloc[:0])
    assert table["corrected"].isna().all()
    assert (table["note"] == "0 of 0 resamples gave a number: no correction").all()


def test_a_model_without_variables_orders_by_chance_and_has_no_slope():
    training = patients(40, seed=8)
    found = figures(cox_models(training, [], "none")["clinical"], training)
    assert (found["c_index"], found["auc"]) == (0.5, 0.5)
    assert "calibration_slope" not in found


@pytest.mark.parametrize(
    ("metric", "apparent", "optimism", "expected"),
    [
        ("c_index", 0.99, -0.05, 1.0),
        ("auc", 0.02, 0.05, 0.0),
        ("brier_integrated", 0.01, 0.02, 0.0),
        ("calibration_slope", 1.0, -0.3, 1.3),
    ],
)
def test_no_corrected_figure_is_one_that_cannot_be(metric, apparent, optimism, expected):
    row = _row("clinical", (metric, None), apparent, [optimism] * 3, 3, "")
    assert row["corrected"] == pytest.approx(expected)
    assert row["optimism"] == pytest.approx(optimism)


ENTRIES = [
    {"column": "strong", "label": "Strong"},
    {"column": "weak", "label": "Weak"},
    {"column": "stage", "label": "Stage", "reference": 1},
    {"column": "dlopctr", "label": "DLOP-CTR"},
]


def test_the_figures_corrected_for_optimism_are_the_training_patients(run):
    run.fit()
    performance = run.evaluate()["performance"]
    write_optimism(
        patients=run.path("patients.tsv"), radscore_scores=run.path("scores.tsv"),
        radscore_resamples=None, dlopctr_predictions=run.path("dlopctr.tsv"),
        models=run.path("models.json"),
        selection=Selection(variables=ENTRIES, p_enter=0.05, select="univariate"),
        horizons_months=[12, 36], bootstraps=2, seed=1, optimism=run.path("optimism.tsv"),
    )  # fmt: skip
    key = ["model", "metric", "horizon_months"]
    trained = performance[performance["cohort"] == "training"].set_index(key)["estimate"]
    found = run.read("optimism.tsv").set_index(key)["apparent"]
    assert {"clinical", "dlop_cox"} == set(found.index.get_level_values("model"))
    of_c = found[found.index.get_level_values("metric") == "c_index"]
    np.testing.assert_allclose(of_c, trained[of_c.index], rtol=1e-12)
