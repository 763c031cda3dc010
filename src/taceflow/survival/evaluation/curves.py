"""The curves behind the figures, as tables: ROC, AUC over time, calibration and decision."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.files.tables import write_table
from taceflow.models import MODELS
from taceflow.survival.evaluation.auc import auc_over_time
from taceflow.survival.evaluation.calibration import calibration_groups
from taceflow.survival.evaluation.censoring import horizon_problem
from taceflow.survival.evaluation.decision_curve import THRESHOLDS, net_benefit
from taceflow.survival.evaluation.outcomes import by_model_and_cohort, load_outcomes
from taceflow.survival.evaluation.roc import roc_curve
from taceflow.survival.models.predictions import horizon_column


def write_curves(
    *,
    patients: str,
    predictions: str,
    horizons_months: Sequence[float],
    roc: str,
    auc: str,
    calibration: str,
    decision_curve: str,
) -> None:
    """Write ``survival/roc.tsv``, ``auc_over_time``, ``calibration`` and ``decision_curve``.

    Of the study's models: the established scores stand in ``survival/performance.tsv`` alone. A
    horizon that a cohort's follow-up does not reach has no rows; ``survival/performance.tsv``
    says why. Decision curves are those of the patients for whom every model has a prediction:
    treating everybody is worth another amount among other patients.

    Parameters
    ----------
    patients, predictions : str
        Cohort table, ``survival/predictions.tsv``.
    roc, auc, calibration, decision_curve : str
        Tables to write.
    """
    outcome = load_outcomes(patients, predictions)
    outcome = outcome[outcome["model"].isin(list(MODELS))]
    areas, rates, calibrations = [], [], []
    for model, cohort, group in by_model_and_cohort(outcome):
        follow_up, risk = _follow_up(group), group["risk"].to_numpy(float)
        areas.append(auc_over_time(*follow_up, risk).assign(model=model, cohort=cohort))
        for key, horizon in _within_reach(model, cohort, group, horizons_months):
            false, true = roc_curve(*follow_up, risk, horizon)
            both = pd.DataFrame({"false_positive_rate": false, "true_positive_rate": true})
            rates.append(both.assign(**key))
            survival = group[horizon_column(horizon)].to_numpy(float)
            if np.isfinite(survival).all():
                groups = calibration_groups(*follow_up, survival, horizon)
                calibrations.append(groups.assign(**key))
    _write(rates, roc, "roc", ["false_positive_rate", "true_positive_rate"])
    columns = ["group", "n", "predicted", "observed", "lower", "upper", "note"]
    _write(calibrations, calibration, "calibration", columns)
    _write(areas, auc, "auc_over_time", ["months", "auc"], keys=["model", "cohort"])
    decisions = _decision_curves(_predicted_by_all(outcome), horizons_months)
    _write(decisions, decision_curve, "decision_curve", ["threshold", "net_benefit", "n"])


def _follow_up(group: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return group["time_months"].to_numpy(float), group["event"].to_numpy(int)


def _within_reach(
    model: str, cohort: str, group: pd.DataFrame, horizons_months: Sequence[float]
) -> Iterator[tuple[dict[str, Any], float]]:
    """Yield the first columns of a curve at each horizon that its patients reach, and that."""
    for horizon in horizons_months:
        if not horizon_problem(*_follow_up(group), horizon):
            yield {"model": model, "cohort": cohort, "horizon_months": float(horizon)}, horizon


def _predicted_by_all(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of patients for whom every model has a prediction."""
    models = outcome.groupby("patient_id")["model"].transform("nunique")
    return outcome[models == outcome["model"].nunique()]


def _decision_curves(outcome: pd.DataFrame, horizons_months: Sequence[float]) -> list[pd.DataFrame]:
    """Return the curves of each model, then of treating everybody and nobody."""
    rows = []
    for model, cohort, group in by_model_and_cohort(outcome):
        for key, horizon in _within_reach(model, cohort, group, horizons_months):
            survival = group[horizon_column(horizon)].to_numpy(float)
            if np.isfinite(survival).all():
                rows.append(_decision_curve(key, group, 1 - survival, horizon))
    for cohort, group in outcome.drop_duplicates("patient_id").groupby("cohort", sort=True):
        for key, horizon in _within_reach("treat_all", cohort, group, horizons_months):
            everybody = np.ones(len(group))
            rows.append(_decision_curve(key, group, everybody, horizon))
            rows.append(
                _decision_curve(key | {"model": "treat_none"}, group, 0 * everybody, horizon)
            )
    return rows


def _decision_curve(
    key: dict[str, Any], group: pd.DataFrame, probability: np.ndarray, horizon: float
) -> pd.DataFrame:
    benefit = net_benefit(*_follow_up(group), probability, horizon)
    curve = pd.DataFrame({"threshold": THRESHOLDS, "net_benefit": benefit, "n": len(group)})
    return curve.assign(**key)


def _write(
    tables: list[pd.DataFrame],
    path: str,
    schema: str,
    columns: list[str],
    keys: Sequence[str] = ("model", "cohort", "horizon_months"),
) -> None:
    every = [*keys, *columns]
    frame = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=every)
    write_table(frame[every], path, schema)
