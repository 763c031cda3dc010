"""The curves behind the figures, as tables: ROC, AUC over time, calibration and decision."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.files.tables import write_table
from taceflow.models import MODELS
from taceflow.survival.evaluation.auc import auc_over_time
from taceflow.survival.evaluation.calibration import calibration_groups
from taceflow.survival.evaluation.decision_curve import THRESHOLDS, net_benefit
from taceflow.survival.evaluation.outcomes import by_model_and_cohort, load_outcomes
from taceflow.survival.evaluation.roc import roc_curve
from taceflow.survival.evaluation.weighting import horizon_problem
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
    horizons_months : sequence of float
        Horizons.
    roc, auc, calibration, decision_curve : str
        Tables to write.
    """
    outcome = load_outcomes(patients, predictions)
    outcome = outcome[outcome["model"].isin(list(MODELS))]
    tables: dict[str, list[pd.DataFrame]] = {"roc": [], "auc": [], "calibration": []}
    for model, cohort, group in by_model_and_cohort(outcome):
        time, event = group["time_months"].to_numpy(float), group["event"].to_numpy(int)
        areas = auc_over_time(time, event, group["risk"].to_numpy(float))
        tables["auc"].append(areas.assign(model=model, cohort=cohort))
        for horizon in horizons_months:
            if horizon_problem(time, event, horizon):
                continue
            key = {"model": model, "cohort": cohort, "horizon_months": float(horizon)}
            false, true = roc_curve(time, event, group["risk"].to_numpy(float), horizon)
            rates = {"false_positive_rate": false, "true_positive_rate": true}
            tables["roc"].append(pd.DataFrame(rates).assign(**key))
            survival = group[horizon_column(horizon)].to_numpy(float)
            if not np.isfinite(survival).all():
                continue
            groups = calibration_groups(time, event, survival, horizon)
            tables["calibration"].append(groups.assign(**key))
    _write(tables["roc"], roc, "roc", ["false_positive_rate", "true_positive_rate"])
    columns = ["group", "n", "predicted", "observed", "lower", "upper", "note"]
    _write(tables["calibration"], calibration, "calibration", columns)
    areas = pd.concat(tables["auc"], ignore_index=True)
    write_table(areas[["model", "cohort", "months", "auc"]], auc, "auc_over_time")
    decisions = _decision_curves(_predicted_by_all(outcome), horizons_months)
    _write(decisions, decision_curve, "decision_curve", ["threshold", "net_benefit", "n"])


def _predicted_by_all(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of patients for whom every model has a prediction."""
    models = outcome.groupby("patient_id")["model"].transform("nunique")
    return outcome[models == outcome["model"].nunique()]


def _decision_curves(outcome: pd.DataFrame, horizons_months: Sequence[float]) -> list[pd.DataFrame]:
    """Return the curves of each model, then of treating everybody and nobody."""
    rows = []
    for model, cohort, group in by_model_and_cohort(outcome):
        time, event = group["time_months"].to_numpy(float), group["event"].to_numpy(int)
        for horizon in horizons_months:
            survival = group[horizon_column(horizon)].to_numpy(float)
            if horizon_problem(time, event, horizon) or not np.isfinite(survival).all():
                continue
            key = {"model": model, "cohort": cohort, "horizon_months": float(horizon)}
            benefit = net_benefit(time, event, 1 - survival, horizon)
            rows.append(_decision_rows(key, benefit, len(group)))
    return rows + _reference_strategies(outcome, horizons_months)


def _reference_strategies(
    outcome: pd.DataFrame, horizons_months: Sequence[float]
) -> list[pd.DataFrame]:
    """Return the curves of treating everybody and nobody."""
    rows = []
    for cohort, group in outcome.drop_duplicates("patient_id").groupby("cohort", sort=True):
        time, event = group["time_months"].to_numpy(float), group["event"].to_numpy(int)
        for horizon in horizons_months:
            if horizon_problem(time, event, horizon):
                continue
            key = {"cohort": cohort, "horizon_months": float(horizon)}
            everybody = net_benefit(time, event, np.ones(len(time)), horizon)
            nobody = np.zeros(len(THRESHOLDS))
            for name, benefit in (("treat_all", everybody), ("treat_none", nobody)):
                rows.append(_decision_rows({"model": name} | key, benefit, len(group)))
    return rows


def _decision_rows(key: dict[str, Any], benefit: np.ndarray, n: int) -> pd.DataFrame:
    return pd.DataFrame({"threshold": THRESHOLDS, "net_benefit": benefit, "n": n}).assign(**key)


def _write(tables: list[pd.DataFrame], path: str, schema: str, columns: list[str]) -> None:
    every = ["model", "cohort", "horizon_months", *columns]
    frame = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=every)
    write_table(frame[every], path, schema)
