"""Names in print of models, cohorts, figures of merit and levels."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from taceflow.models import MODELS, NETWORKS
from taceflow.scores import SCORES
from taceflow.wording.printing import typographic

MODEL_NAMES = {
    **{name: model.label for name, model in MODELS.items()},
    **{name: score.label for name, score in SCORES.items()},
    "treat_all": "Treat all",
    "treat_none": "Treat none",
}
"""Models of the study in its order, then the established scores."""

NETWORK_NAMES = " and ".join(MODEL_NAMES[name] for name in NETWORKS)
"""The networks among them."""

COHORTS = {"training": "Training", "validation": "Validation", "external": "External"}
"""Cohorts, in the order of panels and columns."""

METRICS = {
    "c_index": "Harrell's C",
    "auc": "Time-dependent AUC",
    "brier_integrated": "Integrated Brier score",
    "calibration_slope": "Calibration slope",
}
"""Figures of merit, in the order of the report."""

COLUMNS = {
    "radscore": MODEL_NAMES["radscore"],
    "dlopctr": MODEL_NAMES["dlopctr"],
    **{score.column: score.column_label for score in SCORES.values()},
}
"""Columns that models are made of, whether the configuration lists them or not."""

_WORDS = {"pva": "PVA"}
"""Words of levels that are abbreviations: the sheet writes its levels in small letters."""


def model_name(model: str) -> str:
    """Return a model's name in print."""
    return MODEL_NAMES.get(model, model)


def cohort_name(cohort: str) -> str:
    """Return a cohort's name in print."""
    return COHORTS.get(cohort, cohort)


def level_name(variable: str, level: object, *, yes_no: bool = False) -> str:
    """Return a level's name in print: ``B2`` for substage 2, ``yes`` for 1, else its words.

    Parameters
    ----------
    variable : str
        Column of the patients' sheet.
    level : str, number or missing
        As the tables hold it.
    yes_no : bool
        Whether the variable has no levels but 0 and 1.

    Returns
    -------
    str
        Empty for a missing level.
    """
    if level is None or level != level:
        return ""
    text = str(level).removesuffix(".0")
    substages = SCORES["bclc_b"]
    if variable == substages.column and text.isdigit():
        return substages.classes[int(text) - 1]
    if yes_no:
        return {"0": "no", "1": "yes"}.get(text, text)
    return " ".join(_WORDS.get(word, word) for word in text.split("_"))


def labels_from(variables: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the names in print of the configuration's variables and of the scores.

    >>> labels_from([{"column": "bilirubin_umol_l", "label": "TBIL (umol/L)"}])["bilirubin_umol_l"]
    'TBIL (µmol/L)'
    """
    return COLUMNS | {one["column"]: typographic(one["label"]) for one in variables}


def with_labels(note: str, labels: Mapping[str, str]) -> str:
    """Return a note with the sheet's columns and their levels under their names in print.

    >>> with_labels("albumin_g_l: left out", {"albumin_g_l": "ALB (g/L)"})
    'ALB (g/L): left out'
    >>> with_labels("bclc_b_substage=3: rare", {"bclc_b_substage": "BCLC-B"})
    'BCLC-B B3: rare'
    """
    if not labels:
        return note
    columns = "|".join(re.escape(column) for column in sorted(labels, key=len, reverse=True))

    def in_print(found: re.Match[str]) -> str:
        column, level = found[1], found[2]
        return labels[column] + (f" {level_name(column, level)}" if level else "")

    return re.sub(rf"\b({columns})\b(?:=(\w+))?", in_print, note)


def has_yes_no_levels(levels: Iterable[object]) -> bool:
    """Return whether all levels that are not missing are 0 or 1."""
    texts = {str(level).removesuffix(".0") for level in levels if level == level and level}
    return bool(texts) and texts <= {"0", "1"}


def in_order(found: Iterable[str], order: Mapping[str, object]) -> list[str]:
    """Return the distinct values found, known ones in the order of `order`, others after."""
    values = list(dict.fromkeys(found))
    known = [name for name in order if name in values]
    return known + sorted(name for name in values if name not in order)
