"""What the stored predictions are worth in each cohort: figures of merit and their comparison."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import TaceflowError
from taceflow.survival.calibration import calibration_slope
from taceflow.survival.concordance import compare, concordance
from taceflow.survival.cox import predicted_survival
from taceflow.survival.horizons import horizon_columns
from taceflow.survival.multiplicity import holm
from taceflow.survival.outcomes import COHORTS, by_model_and_cohort, load_outcomes
from taceflow.survival.performance import (
    Estimate,
    brier_times,
    generator_for,
    integrated_brier,
    time_dependent_auc,
)
from taceflow.tables import read_json, write_table


def write_performance(
    *,
    patients: str,
    predictions: str,
    models: str,
    horizons_months: Sequence[float],
    bootstraps: int,
    seed: int,
    performance: str,
    comparisons: str,
) -> None:
    """Write ``models/performance.tsv`` and ``models/comparisons.tsv``.

    Parameters
    ----------
    patients, predictions, models : str
        Cohort table, ``models/predictions.tsv``, ``models/models.json``.
    horizons_months : sequence of float
        Horizons of the AUC.
    bootstraps, seed : int
        Resamples for the intervals of AUC and Brier score.
    performance, comparisons : str
        Tables to write.
    """
    outcome = load_outcomes(patients, predictions)
    stored = read_json(models)
    rows = [
        row
        for model, cohort, group in by_model_and_cohort(outcome)
        for row in _measure(model, cohort, group, stored[model], horizons_months, bootstraps, seed)
    ]
    write_table(pd.DataFrame(rows), performance, "performance")
    write_table(compare_models(outcome), comparisons, "comparisons")


def compare_models(outcome: pd.DataFrame) -> pd.DataFrame:
    """Compare Harrell's C of each two models on the patients that both predict.

    Parameters
    ----------
    outcome : DataFrame
        From `load_outcomes`.

    Returns
    -------
    DataFrame
        Rows of ``models/comparisons.tsv``; ``p_adjusted`` is Holm's within a cohort.
    """
    rows: list[dict[str, Any]] = []
    # In training some scores are out of fold and some are not: no test between them is fair.
    for cohort in (name for name in COHORTS if name != "training"):
        here = outcome.loc[outcome["cohort"] == cohort]
        by_model = here.set_index("patient_id").groupby("model")["risk"]
        risks = pd.DataFrame(dict(list(by_model)))
        follow_up = here.drop_duplicates("patient_id").set_index("patient_id")
        found = []
        for first, second in combinations(here["model"].unique(), 2):
            both = risks[[first, second]].dropna()
            time = follow_up.loc[both.index, "time_months"].to_numpy(float)
            event = follow_up.loc[both.index, "event"].to_numpy(int)
            a, b = (concordance(time, event, both[name].to_numpy()) for name in (first, second))
            difference = compare(a, b)
            found.append(
                {
                    "model_a": first,
                    "model_b": second,
                    "cohort": cohort,
                    "metric": "c_index",
                    "difference": difference.estimate,
                    "lower": difference.lower,
                    "upper": difference.upper,
                    "p": difference.p,
                    "n": len(both),
                    "events": int(event.sum()),
                    "note": "" if np.isfinite(difference.estimate) else "no comparable pair",
                }
            )
        for row, p in zip(found, holm([row["p"] for row in found]), strict=True):
            rows.append(row | {"p_adjusted": p})
    columns = ["model_a", "model_b", "cohort", "metric", "difference", "lower", "upper", "p"]
    return pd.DataFrame(rows, columns=[*columns, "p_adjusted", "n", "events", "note"])


def _measure(
    model: str,
    cohort: str,
    group: pd.DataFrame,
    stored: Mapping[str, Any],
    horizons_months: Sequence[float],
    bootstraps: int,
    seed: int,
) -> Iterator[dict[str, Any]]:
    time, event = group["time_months"].to_numpy(float), group["event"].to_numpy(int)
    risk = group["risk"].to_numpy(float)

    def row(metric: str, horizon: float | None, value: Estimate) -> dict[str, Any]:
        return {
            "model": model,
            "cohort": cohort,
            "metric": metric,
            "horizon_months": np.nan if horizon is None else float(horizon),
            "estimate": value.estimate,
            "lower": value.lower,
            "upper": value.upper,
            "n": len(group),
            "events": int(event.sum()),
            "note": value.note,
        }

    yield row("c_index", None, _c_index(time, event, risk))
    draws = generator_for(seed, model, cohort, "auc")
    areas = time_dependent_auc(
        time, event, risk, horizons_months, bootstraps=bootstraps, generator=draws
    )
    for horizon, area in zip(horizons_months, areas, strict=True):
        yield row("auc", horizon, area)
    yield row("calibration_slope", None, _slope(time, event, group, stored))
    times, note = brier_times(time, event, horizons_months)
    survival, times, extra = _survival_curves(group, stored, times)
    score = Estimate(note=note)
    if not note:
        draws = generator_for(seed, model, cohort, "brier")
        score = integrated_brier(
            time, event, survival, times, bootstraps=bootstraps, generator=draws
        )
        score = Estimate(score.estimate, score.lower, score.upper, score.note or extra)
    yield row("brier_integrated", times[-1] if len(times) else None, score)


def _c_index(time: np.ndarray, event: np.ndarray, risk: np.ndarray) -> Estimate:
    result = concordance(time, event, risk)
    if not np.isfinite(result.estimate):
        return Estimate(note="no comparable pair of patients")
    return Estimate(result.estimate, *result.interval())


def _slope(
    time: np.ndarray, event: np.ndarray, group: pd.DataFrame, stored: Mapping[str, Any]
) -> Estimate:
    risk = group["risk"].to_numpy(float)
    if stored["kind"] != "cox":
        # A network's risk has no scale of its own: take the one that its survival implies.
        columns = [name for _, name in horizon_columns(group) if group[name].notna().all()]
        if not columns:
            return Estimate(note="no predicted survival")
        survival = np.clip(group[columns[0]].to_numpy(float), 1e-12, 1 - 1e-12)
        risk = np.log(-np.log(survival))
    try:
        slope = calibration_slope(time, event, risk)
    except TaceflowError as error:
        return Estimate(note=str(error))
    return Estimate(slope.estimate, slope.lower, slope.upper)


def _survival_curves(
    group: pd.DataFrame, stored: Mapping[str, Any], times: np.ndarray
) -> tuple[np.ndarray, np.ndarray, str]:
    """Return predicted survival, its times, and a note if it is known at the horizons only."""
    if stored["baseline"] is None:
        limit = times[-1] if len(times) else -np.inf
        columns = [(h, name) for h, name in horizon_columns(group) if h <= limit]
        known = [(h, name) for h, name in columns if group[name].notna().all()]
        horizons = ", ".join(f"{h:g}" for h, _ in known)
        values = group[[name for _, name in known]].to_numpy(float)
        return values, np.array([h for h, _ in known]), f"averaged over {horizons} months only"
    baseline = stored["baseline"]
    times = times[times <= baseline["last_follow_up_months"]]
    survival = predicted_survival(
        group["risk"].to_numpy(float),
        np.array(baseline["times_months"]),
        np.array(baseline["cumulative_hazard"]),
        baseline["last_follow_up_months"],
        times,
    )
    return survival, times, ""
