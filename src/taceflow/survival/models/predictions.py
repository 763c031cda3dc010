"""What a model predicts of patients: a risk, and survival at any time.

As the rows of ``survival/predictions.tsv`` too.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import InputError
from taceflow.survival.models.interpolation import interpolated_survival
from taceflow.survival.models.survival_interval import survival_limits
from taceflow.survival.regression.cox import predicted_survival
from taceflow.wording.counts import counted

LIMITS = ("_lower", "_upper")
"""After the name of a column of survival: the ends of its 95% interval."""

_BREAK = re.compile(r"survival_at_[0-9.]+_months")

INSIDE = 1e-12
"""The least survival, and death, of which a logarithm is taken."""


@dataclass(frozen=True)
class Predicted:
    """What a model says of some patients.

    Attributes
    ----------
    risk : ndarray, shape (n,)
        Higher = worse.
    log_hazard : ndarray, shape (n,)
        On the scale of a Cox model, for the calibration slope.
    survival : callable
        Times (months) to survival, shape (n, times).
    last_months : float
        Until when it is known.
    limits : callable, optional
        Times to the lower and upper limit of survival, each (n, times); a network has none.
    at_horizons_alone : bool
        Whether survival between the horizons is not known: a bundle tells no times of deaths.
    """

    risk: np.ndarray
    log_hazard: np.ndarray
    survival: Callable[[np.ndarray], np.ndarray]
    last_months: float
    limits: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]] | None = None
    at_horizons_alone: bool = False


def predicted_by_cox(
    risk: np.ndarray, stored: Mapping[str, Any], design: np.ndarray | None = None
) -> Predicted:
    """Return what a stored Cox model says of patients with these linear predictors.

    Without their covariates, shape (n, p), there are no limits of survival, nor by a model that is
    stored without what they need.
    """
    baseline = stored["baseline"]
    last = baseline["last_follow_up_months"]
    times = np.array(baseline["times_months"])
    log_hazard = np.array(baseline["log_cumulative_hazard"])

    def survival(months: np.ndarray) -> np.ndarray:
        return predicted_survival(risk, times, log_hazard, last, months)

    is_known = design is not None and "interval" in stored

    def limits(months: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return survival_limits(stored, design, risk, months)

    return Predicted(
        risk=risk,
        log_hazard=risk,
        survival=survival,
        last_months=last,
        limits=limits if is_known else None,
        at_horizons_alone=baseline.get("at_horizons_alone", False),
    )


def predicted_by_network(score: Any, curves: np.ndarray, model: Mapping[str, Any]) -> Predicted:
    """Return what a network says of patients with these scores and curves (`curves_of`)."""
    risk = 1 - np.asarray(score, dtype=float)
    inside = np.clip(1 - risk, INSIDE, 1 - INSIDE)

    def survival(months: np.ndarray) -> np.ndarray:
        return interpolated_survival(curves, model["breaks_months"], months)

    # a network has no linear predictor; log(-log S) is what a Cox model's would be
    return Predicted(risk, np.log(-np.log(inside)), survival, model["breaks_months"][-1])


def horizon_column(horizon_months: float) -> str:
    """Return the column of ``survival/predictions.tsv`` that holds survival at a horizon.

    >>> horizon_column(12.0)
    'survival_12_months'
    """
    return f"survival_{horizon_months:g}_months"


def prediction_rows(
    name: str,
    patients: pd.DataFrame,
    predicted: Predicted,
    groups: np.ndarray | pd.Series,
    horizons_months: Sequence[float],
    *,
    with_limits: bool = False,
) -> pd.DataFrame:
    """Return a model's rows of ``survival/predictions.tsv``.

    Parameters
    ----------
    name : str
        Name of the model.
    patients : DataFrame
        With ``patient_id`` and ``cohort``.
    predicted : Predicted
        Of these patients; survival is empty beyond `Predicted.last_months`.
    groups : ndarray or Series of str, shape (n,)
        ``high`` or ``low``.
    horizons_months : sequence of float
        Where survival is predicted.
    with_limits : bool
        Whether the 95% interval of each survival is wanted; empty where it is not known.
    """
    horizons = np.array(horizons_months, dtype=float)
    columns = {"": predicted.survival(horizons)}
    columns[""][:, horizons > predicted.last_months] = np.nan
    if with_limits:
        nothing = np.full_like(columns[""], np.nan)
        limits = predicted.limits(horizons) if predicted.limits else (nothing, nothing)
        columns |= dict(zip(LIMITS, limits, strict=True))
    return pd.DataFrame(
        {
            "patient_id": patients["patient_id"].to_numpy(),
            "cohort": patients["cohort"].to_numpy(),
            "model": name,
            "risk": predicted.risk,
            "risk_group": np.asarray(groups),
            **{
                f"{horizon_column(horizon)}{end}": values[:, j]
                for j, horizon in enumerate(horizons_months)
                for end, values in columns.items()
            },
        }
    )


def curves_of(table: pd.DataFrame, model: Mapping[str, Any], path: str) -> np.ndarray:
    """Return survival at the end of each interval, shape (rows, intervals).

    Raises
    ------
    InputError
        If the table has not as many as the model.
    """
    columns = [name for name in table.columns if _BREAK.fullmatch(name)]
    if len(columns) != len(model["breaks_months"]) - 1:
        raise InputError(
            f"survival at {len(columns)} breaks, where breaks.json has "
            f"{counted(len(model['breaks_months']) - 1, 'interval')}",
            file=path,
            remedy="Delete the file and run again",
        )
    return table[columns].to_numpy(dtype=float)
