"""Overall survival by the classes of the established scores."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from taceflow.figures import style
from taceflow.figures.kaplan_meier import Panel, kaplan_meier_figure
from taceflow.files.cells import as_numbers
from taceflow.files.tables import read_table
from taceflow.scores import SCORES, Score

_TITLE = "Survival by established score"
_TITLE_S3 = "Figure S3: overall survival by BCLC-B substage"

_IN_A_ROW = 2


def survival_by_score(patients: pd.DataFrame) -> Figure:
    """Draw all patients of all cohorts: the classes are published, nothing is fitted.

    Parameters
    ----------
    patients : pandas.DataFrame
        ``time_months``, ``event``, and the columns of the scores that there are.

    Returns
    -------
    matplotlib.figure.Figure
        A panel a score that any patient has, but for BCLC-B substages: these are Figure S3.
    """
    panels = []
    for score in SCORES.values():
        column = score.class_column or score.column
        if score.name != "bclc_b" and column in patients and patients[column].notna().any():
            panels.append(_panel(score.class_label, patients, score))
    rows = [panels[start : start + _IN_A_ROW] for start in range(0, len(panels), _IN_A_ROW)]
    return kaplan_meier_figure(rows, title=_TITLE)


def survival_by_substage(patients: pd.DataFrame) -> Figure:
    """Draw Figure S3, all patients of all cohorts by BCLC-B substage.

    Parameters
    ----------
    patients : pandas.DataFrame
        ``time_months``, ``event``, ``bclc_b_substage`` (1 to 4, may be missing).
    """
    panel = _panel("All patients", patients, SCORES["bclc_b"])
    return kaplan_meier_figure([[panel]], title=_TITLE_S3)


def classes_of(score: Score, patients: pd.DataFrame) -> pd.Series:
    """Return the name of each patient's class; a class holds its highest value.

    >>> table = pd.DataFrame({"child_pugh_score": [5, 6, 7, None]})
    >>> classes_of(SCORES["child_pugh"], table).tolist()
    ['A', 'A', 'B', None]
    """
    values = as_numbers(patients[score.class_column or score.column])
    # a column of classes numbers them from 1
    limits = range(1, len(score.classes)) if score.class_column else score.limits
    names = np.array(score.classes, dtype=object)[np.searchsorted(limits, values, side="left")]
    return pd.Series(names, patients.index).where(values.notna(), None)


def _panel(title: str, patients: pd.DataFrame, score: Score) -> Panel:
    """Return the patients with their class as ``group``, and the classes that there are."""
    table = patients.assign(group=classes_of(score, patients))
    present = set(table["group"].dropna())
    return Panel(title, table, {one: one for one in score.classes if one in present})


def write_survival_by_score(patients: str, outputs: Sequence[str]) -> None:
    """Read the cohort, draw the figure and write it to each output."""
    style.save_figure(survival_by_score(read_table(patients)), outputs, title=_TITLE)


def write_survival_by_substage(patients: str, outputs: Sequence[str]) -> None:
    """Read the cohort, draw Figure S3 and write it to each output."""
    style.save_figure(survival_by_substage(read_table(patients)), outputs, title=_TITLE_S3)
