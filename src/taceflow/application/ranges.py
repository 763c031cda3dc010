"""New patients against the training range: what lies outside it, how far, and a verdict."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.files.cells import as_numbers, as_word
from taceflow.files.tables import read_json, read_table, write_table
from taceflow.wording.counts import counted
from taceflow.wording.messages import listed

FENCE = 2.2
"""So many widths of the middle half beyond its ends, as Hoaglin and Iglewicz (J Am Stat Assoc
1987;82:1147) moved Tukey's fences: of forty quantities of a patient of the same kind hardly one is
beyond by chance."""

OUTSIDE = ("below", "above", "unknown")
"""Places beyond the training range."""

_LOWER, _UPPER = ("q025", "q10", "q25"), ("q975", "q90", "q75")
_MOST_NAMED = 5


def compare_with_training(
    *,
    patients: str,
    features: str,
    radscore_model: str,
    quality: str | None,
    acquisition: str | None,
    training: str,
    needed: Collection[str],
    ranges: str,
    verdicts: str,
) -> None:
    """Write what of each patient lies outside the training range, and a verdict.

    Parameters
    ----------
    patients, features : str
        Tables: cohort, features of the main reading.
    radscore_model : str
        ``radscore.json`` of the bundle: of its features.
    quality, acquisition : str or None
        ``cohort/quality.tsv`` and ``cohort/acquisition.tsv``, if there are images.
    training : str
        ``ranges.tsv`` of the bundle.
    needed : collection of str
        Clinical columns that a model takes: of these a missing value is named.
    ranges, verdicts : str
        Tables to write: ``application/range.tsv``, ``application/verdicts.tsv``, worst first.
    """
    cohort = read_table(patients)
    names = sorted(read_json(radscore_model)["coefficients"])
    sources = {
        "feature": join_by_patient(
            cohort[["patient_id"]], read_table(features), names, file=features
        ),
        "clinical": cohort,
        "image": cohort[["patient_id"]],
    }
    for path in filter(None, (quality, acquisition)):
        more = read_table(path)
        new = [name for name in more if name not in sources["image"]]
        sources["image"] = join_by_patient(sources["image"], more, new, file=path)
    told = read_table(training, "training_ranges").to_dict("records")
    rows = []
    for quantity in told:
        source = sources.get(quantity["kind"])
        if source is not None and quantity["name"] in source:
            compare = _levels if isinstance(quantity["levels"], str) else _numbers
            found = pd.DataFrame(compare(source[quantity["name"]], quantity))
            found.insert(0, "patient_id", source["patient_id"].to_numpy())
            if quantity["name"] not in needed:
                found = found[found["place"] != "missing"]
            rows.append(found.assign(**{key: quantity[key] for key in ("kind", "name", "label")}))
    columns = ["patient_id", "kind", "name", "label", "value", "training", "place", "distance"]
    compared = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    compared = compared.reindex(columns=columns)
    order = {patient: place for place, patient in enumerate(cohort["patient_id"])}
    compared = compared.sort_values(
        "patient_id", key=lambda ids: ids.map(order), kind="stable", ignore_index=True
    )
    write_table(compared, ranges, "patient_ranges")
    by_patient = dict(iter(compared.groupby("patient_id")))
    nothing = compared.iloc[:0]
    decided = [_verdict(patient, by_patient.get(patient, nothing)) for patient in order]
    table = pd.DataFrame(decided).sort_values(
        ["beyond", "furthest"], ascending=False, kind="stable", na_position="last"
    )
    write_table(table, verdicts, "verdicts")


def limits(quantity: Mapping[str, Any]) -> tuple[float, float]:
    """Return the lowest and highest value that is inside.

    A value is outside if it is beyond the fences and beyond the outermost quantile that is told.
    Each side has a fence by its own spread; the upper one of a quantity above zero is on the scale
    of logarithms, since most of them (AFP, volumes, textures) are skewed.

    Parameters
    ----------
    quantity : mapping
        A row of the bundle's ``ranges.tsv``; quantiles that are not told are NaN.

    Returns
    -------
    tuple of float
        NaN where quartiles are not told.

    Examples
    --------
    >>> untold = dict.fromkeys(("q025", "q10", "q90", "q975"), np.nan)
    >>> limits({"q25": -1.0, "q50": 0.0, "q75": 1.0, **untold})
    (-5.4, 5.4)
    """
    below, _, _ = _side(quantity, "q25")
    above, to_scale, back = _side(quantity, "q75")
    fences = (
        quantity["q25"] - 2 * FENCE * below,
        back(to_scale(quantity["q75"]) + 2 * FENCE * above),
    )
    return (
        float(min(_first_told(quantity, _LOWER), fences[0])),
        float(max(_first_told(quantity, _UPPER), fences[1])),
    )


def _side(quantity: Mapping[str, Any], quartile: str) -> tuple[float, Callable, Callable]:
    """Return the spread from the median to a quartile, its scale, and the way back from it."""
    to_scale, back = np.asarray, np.asarray
    if quartile == "q75" and _first_told(quantity, _LOWER) > 0:
        to_scale, back = np.log, np.exp
    low, middle, high = (to_scale(quantity[name]) for name in ("q25", "q50", "q75"))
    # one side of a few whole numbers may have no spread of its own
    return max(abs(middle - to_scale(quantity[quartile])), (high - low) / 4), to_scale, back


def _first_told(quantity: Mapping[str, Any], names: Collection[str]) -> float:
    return next((quantity[name] for name in names if not np.isnan(quantity[name])), np.nan)


def _numbers(values: pd.Series, quantity: Mapping[str, Any]) -> dict[str, Any]:
    known = as_numbers(values).to_numpy(dtype=float)
    lower, upper = limits(quantity)
    untold = np.isnan(lower)
    place = np.select(
        [np.isnan(known), np.full(len(known), untold), known < lower, known > upper],
        ["missing", "untold", "below", "above"],
        "inside",
    )
    distance = np.full(len(known), np.nan)
    for side, quartile, end in (("below", "q25", lower), ("above", "q75", upper)):
        _, to_scale, _ = _side(quantity, quartile)
        width = to_scale(quantity["q75"]) - to_scale(quantity["q25"])
        beyond = abs(to_scale(known[place == side]) - to_scale(end))
        # where the middle half shares one value, in parts of that value
        distance[place == side] = beyond / (width or abs(to_scale(quantity["q50"])) or 1.0)
    return {
        "value": [None if np.isnan(value) else _short(value) for value in known],
        "training": None if untold else _ends(quantity),
        "place": place,
        "distance": distance,
    }


def _ends(quantity: Mapping[str, Any]) -> str:
    low, high = (_short(_first_told(quantity, names)) for names in (_LOWER, _UPPER))
    return low if low == high else f"{low} to {high}"


def _short(value: float) -> str:
    """Return four digits of a number, whole ones below a million.

    >>> _short(19900.2), _short(0.0012345), _short(5.0)
    ('19900', '0.001234', '5')
    """
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e6 else f"{value:.4g}"


def _levels(values: pd.Series, quantity: Mapping[str, Any]) -> dict[str, Any]:
    known = json.loads(quantity["levels"])
    words = [as_word(value) for value in values.array]
    return {
        "value": words,
        "training": ", ".join(known) or None,
        "place": [
            "missing" if word is None else "inside" if word in known else "unknown"
            for word in words
        ],
        "distance": np.nan,
    }


def _verdict(patient: str, rows: pd.DataFrame) -> dict[str, Any]:
    compared = rows[rows["place"].isin(["inside", *OUTSIDE])]
    beyond = compared[compared["place"].isin(OUTSIDE)]
    verdict = "outside" if len(beyond) else "inside" if len(compared) else "unknown"
    return {
        "patient_id": patient,
        "verdict": verdict,
        "outside": "; ".join(_in_words(compared, beyond)) or None,
        "compared": len(compared),
        "beyond": len(beyond),
        "furthest": beyond["distance"].max() if len(beyond) else np.nan,
        "missing": listed(rows.loc[rows["place"] == "missing", "name"].tolist()) or None,
    }


def _in_words(compared: pd.DataFrame, beyond: pd.DataFrame) -> Iterator[str]:
    """Yield what is outside: images and clinical values by name, features by number."""
    named = beyond[beyond["kind"] != "feature"].sort_values("distance", ascending=False)
    for row in named.head(_MOST_NAMED).itertuples():
        yield f"{_with_unit(row.label, row.value)} (training {row.training or 'not told'})"
    if len(named) > _MOST_NAMED:
        yield f"{len(named) - _MOST_NAMED} more"
    features = int((beyond["kind"] == "feature").sum())
    if features:
        of_all = int((compared["kind"] == "feature").sum())
        yield f"{features} of {counted(of_all, 'feature')}"


def _with_unit(label: str, value: str) -> str:
    """Return a quantity with its value before the unit.

    >>> _with_unit("Slice thickness (mm)", "10")
    'slice thickness 10 mm'
    >>> _with_unit("AFP (ng/mL)", "30000"), _with_unit("Child-Pugh score", "9")
    ('AFP 30000 ng/mL', 'Child-Pugh score 9')
    """
    name, unit = re.fullmatch(r"(.*?)(?: \((.*)\))?", label).groups(default="")
    # words of one's own language, not names of persons
    if name[1:2].islower() and name.split()[0].isalpha():
        name = name[0].lower() + name[1:]
    return f"{name} {value} {unit}".rstrip()
