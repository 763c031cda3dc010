"""How the patients that a bundle was applied to differ from its training patients, as a cohort.

The membership model of Debray et al. (J Clin Epidemiol 2015;68:279) is fitted to the patients of
both cohorts, and a bundle has no training patients. What stands here in its place is the C of each
quantity alone: the chance that a new patient's value lies above a training patient's, with the
training distribution read off the quantiles that the bundle tells. It sees a shift, not another
spread (which stands beside it), and not two quantities that go together in another way; from 713
features no joint C can be had so.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from taceflow.application.ranges import OUTSIDE, limits
from taceflow.bundle.training_ranges import QUANTILES
from taceflow.files.cells import as_numbers
from taceflow.files.tables import read_table, write_table
from taceflow.survival.evaluation.bootstrap_intervals import Estimate
from taceflow.survival.evaluation.normal_intervals import normal_interval
from taceflow.survival.minimum_counts import shortfall
from taceflow.wording.printing import as_text

COLUMNS = ["kind", "name", "label", "n", "missing", "outside", "outside_share", "mean", "sd"]
COLUMNS += ["training_mean", "training_sd", "shift", "spread_ratio", "c", "lower", "upper", "note"]

MIDDLE_HALF = 1.349
"""Of a normal distribution, in standard deviations."""

_GRID = (np.arange(400) + 0.5) / 400


def write_case_mix(
    *, patients: str, training_ranges: str, places: str, predictions: str, case_mix: str
) -> None:
    """Write ``application/case_mix.tsv``.

    Parameters
    ----------
    patients : str
        Cohort table.
    training_ranges : str
        ``ranges.tsv`` of the bundle.
    places : str
        ``application/range.tsv``: each new patient's values, and whether they are inside.
    predictions : str
        ``survival/predictions.tsv``: the risks, which are held against their ranges here.
    case_mix : str
        Table to write, a row a quantity of the training ranges.
    """
    total = len(read_table(patients))
    placed = read_table(places, "patient_ranges")
    predicted = read_table(predictions, "survival_predictions")
    rows = []
    for told in read_table(training_ranges, "training_ranges").to_dict("records"):
        if told["kind"] == "risk":
            values = predicted.loc[predicted["model"] == told["name"], "risk"]
            lower, upper = limits(told)
            is_outside = (values < lower) | (values > upper)
            is_compared = values.notna() & (lower <= upper)
        else:
            here = (placed["kind"] == told["kind"]) & (placed["name"] == told["name"])
            known = placed[here & (placed["place"] != "missing")]
            values, is_outside = known["value"], known["place"].isin(OUTSIDE)
            is_compared = known["place"] != "untold"
        counts = {"n": len(values), "missing": total - len(values)}
        if is_compared.any():
            counts |= {"outside": is_outside.sum(), "outside_share": is_outside.mean()}
        rows.append(
            {name: told[name] for name in ("kind", "name", "label")}
            | counts
            | (_levels() if as_text(told["levels"]) else _numbers(values, told))
        )
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"outside": "Int64"})
    write_table(table, case_mix, "case_mix")


def share_below(values: np.ndarray, told: Mapping[str, float]) -> np.ndarray:
    """Return the share of the training patients below each value, half of those at it.

    Read off between the quantiles that are told; beyond the outermost it is in the middle of what
    is left there.

    Parameters
    ----------
    values : ndarray, shape (n,)
    told : mapping of str to float
        Quantiles by name, NaN where a bundle does not tell.

    Returns
    -------
    ndarray, shape (n,)
        NaN if no quantile is told.

    Examples
    --------
    >>> told = {"q25": 10.0, "q50": 20.0, "q75": 20.0}
    >>> share_below(np.array([5.0, 15.0, 20.0, 30.0]), told).tolist()
    [0.125, 0.375, 0.625, 0.875]
    """
    ends = {name: told.get(name, np.nan) for name in QUANTILES}
    points = pd.Series(
        list(QUANTILES.values()), index=[ends[name] for name in QUANTILES], dtype=float
    )
    points = points[points.index.notna()]
    if points.empty:
        return np.full(len(values), np.nan)
    # of a value that many share, a whole stretch of the shares
    stretches = points.groupby(level=0).agg(["min", "max"])
    at = stretches.index.to_numpy(dtype=float)
    first, last = stretches["min"].to_numpy(), stretches["max"].to_numpy()
    place = np.searchsorted(at, values)
    edges_low = np.append(at[0], at)
    edges_high = np.append(at, at[-1])
    shares_low, shares_high = np.append(0.0, last), np.append(first, 1.0)
    low, high = edges_low[place], edges_high[place]
    width = high - low
    within = np.divide(values - low, width, out=np.full(len(values), 0.5), where=width > 0)
    found = shares_low[place] + within * (shares_high[place] - shares_low[place])
    shared = np.isin(values, at)
    found[shared] = ((first + last) / 2)[place[shared]]
    return found


def membership(values: np.ndarray, told: Mapping[str, float], n_training: int) -> Estimate:
    """Return the chance that a new patient's value lies above a training patient's.

    0.5 if neither cohort has the higher values. See the head of this module for what it is not.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Of new patients, finite.
    told : mapping of str to float
        Quantiles of the training patients.
    n_training : int
        How many these are.

    Returns
    -------
    Estimate
        Its interval is DeLong's (Biometrics 1988;44:837), the training patients standing at the
        quantiles that are told, evenly between them.
    """
    below = share_below(values, told)
    if not len(values) or np.isnan(below).any():
        reason = "no value" if not len(values) else "the bundle tells no quantile"
        return Estimate(note=f"no C: {reason}")
    estimate = float(below.mean())
    kinds = {"patient with a value": len(values), "training patient with a value": n_training}
    if few := shortfall(kinds):
        return Estimate(estimate, note=f"no interval: {few}")
    training = _at_shares(told)
    ordered = np.sort(values)
    beaten = 1 - (
        np.searchsorted(ordered, training) + np.searchsorted(ordered, training, "right")
    ) / (2 * len(values))
    if np.ptp(below) == np.ptp(beaten) == 0:
        return Estimate(estimate, note="no interval: no spread")
    variance = below.var(ddof=1) / len(values) + beaten.var() / n_training
    return Estimate(estimate, *normal_interval(estimate, float(np.sqrt(variance)), 0, 1))


def _at_shares(told: Mapping[str, float]) -> np.ndarray:
    """Return training values at a fine grid of shares, level beyond the outermost quantiles."""
    known = [(share, told[name]) for name, share in QUANTILES.items() if not np.isnan(told[name])]
    return np.interp(_GRID, *zip(*known, strict=True))


def _levels() -> dict[str, Any]:
    return {"note": "levels: neither C nor spread"}


def _numbers(values: pd.Series, told: Mapping[str, Any]) -> dict[str, Any]:
    numbers = as_numbers(values).to_numpy(dtype=float)
    numbers = numbers[np.isfinite(numbers)]
    low, middle, high = (told[name] for name in ("q25", "q50", "q75"))
    found = membership(numbers, told, int(told["n"]))
    row: dict[str, Any] = {
        "training_mean": (low + middle + high) / 3,
        "training_sd": (high - low) / MIDDLE_HALF,
        **{name: getattr(found, name) for name in ("estimate", "lower", "upper", "note")},
    }
    row["c"] = row.pop("estimate")
    if len(numbers):
        row["mean"] = numbers.mean()
    if len(numbers) > 1:
        row["sd"] = numbers.std(ddof=1)
        if high > low:
            own_low, own_middle, own_high = np.quantile(numbers, [0.25, 0.5, 0.75])
            row["shift"] = (own_middle - middle) / row["training_sd"]
            row["spread_ratio"] = (own_high - own_low) / (high - low)
        else:
            why = "is one value" if high == low else "is not told"
            row["note"] = "; ".join(filter(None, [found.note, f"the training middle half {why}"]))
    return row
