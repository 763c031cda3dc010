"""ROC areas with DeLong's intervals and paired tests, as R's pROC, for survival at a horizon."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from taceflow.files.tables import write_table
from taceflow.survival.evaluation.binary_outcome import death_by
from taceflow.survival.evaluation.multiplicity import paired_tests
from taceflow.survival.evaluation.normal_intervals import (
    NO_SPREAD,
    Difference,
    normal_interval,
    z_test,
)
from taceflow.survival.evaluation.outcomes import by_model_and_cohort, load_outcomes
from taceflow.survival.minimum_counts import shortfall
from taceflow.wording.counts import counted

COLUMNS = [
    "model",
    "versus",
    "cohort",
    "family",
    "horizon_months",
    "estimate",
    "lower",
    "upper",
    "p",
    "p_adjusted",
    "n",
    "deaths",
    "censored",
    "note",
]


@dataclass(frozen=True)
class Area:
    """An area under a ROC curve.

    Attributes
    ----------
    estimate : float
        The area.
    of_dead, of_alive : ndarray, shape (deaths,) and (survivors,)
        DeLong's components: the share of the others that each is ranked rightly against.
    """

    estimate: float
    of_dead: np.ndarray
    of_alive: np.ndarray

    @property
    def standard_error(self) -> float:
        """DeLong's standard error."""
        return _standard_error(self.of_dead, self.of_alive)

    @property
    def interval(self) -> tuple[float, float]:
        """The normal interval, cut at 0 and 1."""
        return normal_interval(self.estimate, self.standard_error, 0, 1)


def roc_area(died: np.ndarray, risk: np.ndarray) -> Area:
    """Return the area under the ROC curve with its components (DeLong 1988, Biometrics 44:837).

    Parameters
    ----------
    died : ndarray of {0, 1}, shape (n,)
        Both must occur.
    risk : ndarray, shape (n,)
        Higher = worse; equal risks count one half. The direction is never turned round.
    """
    dead, alive = risk[died == 1], risk[died == 0]
    ranks = stats.rankdata(np.concatenate([dead, alive]))
    of_dead = (ranks[: len(dead)] - stats.rankdata(dead)) / len(alive)
    of_alive = 1 - (ranks[len(dead) :] - stats.rankdata(alive)) / len(dead)
    return Area(float(of_dead.mean()), of_dead, of_alive)


def compare_areas(first: Area, second: Area) -> Difference:
    """Compare two areas, of the same patients in the same order, by DeLong's paired test."""
    error = _standard_error(first.of_dead - second.of_dead, first.of_alive - second.of_alive)
    return z_test(first.estimate - second.estimate, error)


def write_delong(
    *, patients: str, predictions: str, horizons_months: Sequence[float], delong: str
) -> None:
    """Write ``survival/delong.tsv``: the area of each model, and paired tests between models.

    Parameters
    ----------
    patients, predictions : str
        Tables: cohort, predictions of the models.
    horizons_months : sequence of float
        Where survival is taken as yes or no.
    delong : str
        Table to write.
    """
    outcome = load_outcomes(patients, predictions)
    rows = [row for horizon in horizons_months for row in delong_rows(outcome, horizon)]
    write_table(pd.DataFrame(rows, columns=COLUMNS), delong, "delong")


def delong_rows(outcome: pd.DataFrame, horizon_months: float) -> list[dict[str, Any]]:
    """Return the areas at a horizon, and outside training the tests between models.

    Parameters
    ----------
    outcome : DataFrame
        From `load_outcomes`. Patients censored before the horizon take no part.

    Returns
    -------
    list of dict
        Rows of ``survival/delong.tsv``: the areas, then those of `paired_tests`.
    """
    died = death_by(outcome["time_months"].to_numpy(), outcome["event"].to_numpy(), horizon_months)
    outcome = outcome.assign(died=died)
    rows = []
    for model, cohort, group in by_model_and_cohort(outcome):
        known, base = _known(group, cohort, horizon_months)
        row = base | {"model": model}
        if 0 < base["deaths"] < base["n"]:
            area = roc_area(known["died"].to_numpy(), known["risk"].to_numpy(float))
            row["estimate"] = area.estimate
            if base["note"]:
                row["note"] = f"no interval: {base['note']}"
            elif area.standard_error > 0:
                row |= dict(zip(("lower", "upper"), area.interval, strict=True))
            else:
                row["note"] = NO_SPREAD
        rows.append(row)

    def test(both: pd.DataFrame, cohort: str, first: str, second: str) -> dict[str, Any]:
        known, base = _known(both, cohort, horizon_months)
        row = base | {"model": first, "versus": second}
        if 0 < base["deaths"] < base["n"]:
            areas = [
                roc_area(known["died"].to_numpy(), known[name].to_numpy(float))
                for name in (first, second)
            ]
            if base["note"]:
                row["estimate"] = areas[0].estimate - areas[1].estimate
                row["note"] = f"neither interval nor test: {base['note']}"
            else:
                found = compare_areas(*areas)
                row |= found._asdict() | ({"note": found.note} if found.note else {})
        return row

    return rows + paired_tests(outcome, test)


def _known(
    group: pd.DataFrame, cohort: str, horizon_months: float
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the patients whose survival at the horizon is known, and the start of a row.

    Its note says why there is no interval, or no estimate.
    """
    known = group.loc[group["died"].notna()]
    deaths = int(known["died"].sum())
    alive = len(known) - deaths
    at = f"at {horizon_months:g} months"
    note = shortfall({f"death {at}": deaths, f"survivor {at}": alive})
    if not deaths or not alive:
        note = f"{counted(deaths, 'death')} and {counted(alive, f'survivor {at}')}"
    return known, {
        "cohort": cohort,
        "horizon_months": float(horizon_months),
        "n": len(known),
        "deaths": deaths,
        "censored": len(group) - len(known),
        "note": note or None,
    }


def _standard_error(of_dead: np.ndarray, of_alive: np.ndarray) -> float:
    return float(np.sqrt(of_dead.var(ddof=1) / len(of_dead) + of_alive.var(ddof=1) / len(of_alive)))
