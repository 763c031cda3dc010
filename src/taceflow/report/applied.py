"""The tables of a run that applied a fitted study, as pages of patients read them."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from taceflow.files.tables import read_json
from taceflow.models import FINAL, MODELS
from taceflow.wording.names import MODEL_NAMES, in_order, model_name
from taceflow.wording.printing import as_text

VERDICTS = {
    "outside": ("▲", "Outside the training range"),
    "unknown": ("?", "Not compared with the training range"),
    "inside": ("✓", "Inside the training range"),
}
"""Sign and words of each verdict, worst first."""

_HORIZON = re.compile(r"survival_([0-9.]+)_months")


@dataclass(frozen=True, kw_only=True)
class AppliedFiles:
    """What a run that applied a fitted study left.

    Attributes
    ----------
    predictions : str
        ``survival/predictions.tsv``.
    ranges, verdicts, models : str
        ``range.tsv``, ``verdicts.tsv`` and ``models.tsv`` of ``application/``.
    opened : str
        The folder with the bundle's files.
    """

    predictions: str
    ranges: str
    verdicts: str
    models: str
    opened: str


def horizons_of(predictions: pd.DataFrame) -> dict[float, str]:
    """Return the horizons in months, each with its column.

    >>> horizons_of(pd.DataFrame(columns=["survival_6.5_months", "survival_6.5_months_lower"]))
    {6.5: 'survival_6.5_months'}
    """
    found = filter(None, map(_HORIZON.fullmatch, predictions.columns))
    return dict(sorted((float(one[1]), one[0]) for one in found))


def survival_of(row: pd.Series, column: str) -> tuple[float, float, float]:
    """Return a predicted survival with the ends of its interval, NaN where there is none."""
    ends = (row.get(f"{column}_{end}", float("nan")) for end in ("lower", "upper"))
    return (float(row[column]), *map(float, ends))


def without_variables(opened: str | Path) -> frozenset[str]:
    """Return the models that say the same of everybody, as by a Radscore without a feature.

    Parameters
    ----------
    opened : str or Path
        The folder with the bundle's files.
    """
    stored = read_json(Path(opened) / "models.json")
    return frozenset(
        name for name, one in stored.items() if one["kind"] == "cox" and not one["variables"]
    )


def final_first(models: Iterable[str], alike: Container[str] = ()) -> list[str]:
    """Return the models that predict a patient, the one whose survival is told first.

    That is the one by which the reports judge a study (DLOP-Cox, whose survival has an interval),
    else the last of the study's own, not the one with the best C: among some dozens of deaths the C
    of these models differ by chance, and pages of two patients should not speak of different models
    for that. One that says the same of everybody (`without_variables`) is told first only if there
    is no other. The others keep the order of all tables.

    >>> final_first(["albi", "clinical", "dlop_combin", "dlop_cox"])
    ['dlop_cox', 'clinical', 'dlop_combin', 'albi']
    """
    ordered = in_order(models, MODEL_NAMES)
    telling = [name for name in ordered if name not in alike] or ordered
    own = [name for name in telling if name in MODELS]
    first = [FINAL[0]] if FINAL[0] in own else own[-1:] or telling[:1]
    return [*first, *(name for name in ordered if name not in first)]


def sentence(text: str) -> str:
    """Return a text that begins with a capital.

    >>> sentence("no value of AFP")
    'No value of AFP'
    """
    return text[:1].upper() + text[1:]


def label_of(model: str, models: pd.DataFrame) -> str:
    """Return a model's name in print: that of the bundle, if it tells one.

    Parameters
    ----------
    model : str
    models : pandas.DataFrame
        ``application/models.tsv``.
    """
    told = models.loc[models["model"] == model, "label"]
    return next(filter(None, map(as_text, told)), model_name(model))


def source_of(run: str, opened: str) -> str:
    """Say which run applied which model."""
    manifest = read_json(Path(opened) / "manifest.json")
    title = f", {manifest['title']}" if manifest["title"] else ""
    return f"Run {run}. Model {manifest['name']}{title}, fitted by taceflow {manifest['taceflow']}"
