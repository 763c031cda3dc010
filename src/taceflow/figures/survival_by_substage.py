"""Figure S3: overall survival by BCLC-B substage."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from taceflow.figures.kaplan_meier import kaplan_meier_figure
from taceflow.figures.style import save_figure
from taceflow.files.cells import as_numbers
from taceflow.files.tables import read_table

_TITLE = "Figure S3: overall survival by BCLC-B substage"


def survival_by_substage(patients: pd.DataFrame) -> Figure:
    """Draw all patients of all cohorts: the substage is measured, nothing is fitted.

    Parameters
    ----------
    patients : pandas.DataFrame
        ``time_months``, ``event``, ``bclc_b_substage`` (1 to 4, may be missing).

    Returns
    -------
    matplotlib.figure.Figure
    """
    substage = as_numbers(patients["bclc_b_substage"])
    table = patients.assign(group=substage.map(lambda value: f"B{value:.0f}", na_action="ignore"))
    present = set(table["group"].dropna())
    groups = {name: name for name in ("B1", "B2", "B3", "B4") if name in present}
    return kaplan_meier_figure({"All patients": table}, groups, title=_TITLE)


def write_survival_by_substage(patients: str, outputs: Sequence[str]) -> None:
    """Read the cohort, draw Figure S3 and write it to each output."""
    save_figure(survival_by_substage(read_table(patients)), outputs, title=_TITLE)
