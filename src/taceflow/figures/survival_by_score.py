"""Overall survival by the classes of the established scores."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from taceflow.figures.kaplan_meier import panel_figure
from taceflow.figures.kaplan_meier_panel import Panel
from taceflow.figures.style import save_figure
from taceflow.files.cells import as_numbers
from taceflow.files.tables import read_table

_TITLE = "Survival by established score"

_IN_A_ROW = 2

CLASSES = {
    "ALBI grade": ("albi_grade", (1, 2), ("Grade 1", "Grade 2", "Grade 3")),
    "Child-Pugh class": ("child_pugh_score", (6, 9), ("A", "B", "C")),
    "HAP": ("hap_score", (0, 1, 2), ("A", "B", "C", "D")),
    "Six-and-twelve": (
        "six_and_twelve_score",
        (6, 12),
        ("Up to 6", "To 12", "Over 12"),
    ),
}
"""Of each panel the column, the highest value of each class but the last, and the classes' names.

Johnson 2015 (ALBI; its grades stand in the cohort's table), Pugh 1973, Kadalayil 2013 (HAP), Wang
2019 (six-and-twelve). BCLC-B substages are Figure S3.
"""


def survival_by_score(patients: pd.DataFrame) -> Figure:
    """Draw all patients of all cohorts: the classes are published, nothing is fitted.

    Parameters
    ----------
    patients : pandas.DataFrame
        ``time_months``, ``event``, and the columns of `CLASSES` that there are.

    Returns
    -------
    matplotlib.figure.Figure
        A panel a score that any patient has.
    """
    panels = []
    for name, (column, limits, classes) in CLASSES.items():
        if column in patients and patients[column].notna().any():
            table = patients.assign(group=classes_of(patients[column], limits, classes))
            present = set(table["group"].dropna())
            panels.append(Panel(name, table, {one: one for one in classes if one in present}))
    rows = [panels[start : start + _IN_A_ROW] for start in range(0, len(panels), _IN_A_ROW)]
    return panel_figure(rows, title=_TITLE)


def classes_of(score: pd.Series, limits: Sequence[float], classes: Sequence[str]) -> pd.Series:
    """Return the class of each score; a class holds its highest value.

    >>> classes_of(pd.Series([5, 6, 7, None]), (6, 9), ("A", "B", "C")).tolist()
    ['A', 'A', 'B', None]
    """
    values = as_numbers(score)
    names = np.array(classes, dtype=object)[np.searchsorted(limits, values, side="left")]
    return pd.Series(names, score.index).where(values.notna(), None)


def write_survival_by_score(patients: str, outputs: Sequence[str]) -> None:
    """Read the cohort, draw the figure and write it to each output."""
    save_figure(survival_by_score(read_table(patients)), outputs, title=_TITLE)
