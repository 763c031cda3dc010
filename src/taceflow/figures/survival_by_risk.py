"""Overall survival by a model's risk groups, in each cohort."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from taceflow.figures import style
from taceflow.figures.kaplan_meier import Panel, kaplan_meier_figure
from taceflow.files.tables import read_table
from taceflow.survival.evaluation.outcomes import followed
from taceflow.wording.names import COHORTS, cohort_name, in_order, model_name

_GROUPS = {"low": "Low risk", "high": "High risk"}


def survival_by_risk(patients: pd.DataFrame, predictions: pd.DataFrame, model: str) -> Figure:
    """Draw low against high risk by the stored cut-off, a panel a cohort.

    Parameters
    ----------
    patients : pandas.DataFrame
        ``patient_id``, ``cohort``, ``time_months``, ``event``.
    predictions : pandas.DataFrame
        ``patient_id``, ``model``, ``risk_group``.
    model : str
        One of the predictions' models.
    """
    groups = predictions.loc[predictions["model"] == model, ["patient_id", "risk_group"]]
    name = model_name(model)
    title = f"Survival by {name}"
    if groups.empty:
        return style.not_drawn(f"The run has no predictions of {name}.", title)
    # the sheet's other columns are the user's, and may have any name
    sheet = followed(patients)[["patient_id", "cohort", "time_months", "event"]]
    table = sheet.merge(groups, on="patient_id", how="left", validate="one_to_one")
    table = table.rename(columns={"risk_group": "group"})
    panels = [
        Panel(f"{name}, {cohort_name(cohort).lower()}", table[table["cohort"] == cohort], _GROUPS)
        for cohort in in_order(table["cohort"], COHORTS)
    ]
    colours = (style.BLUE, style.VERMILLION)
    return kaplan_meier_figure([panels], colours=colours, title=title)


def write_survival_by_risk(
    patients: str, predictions: str, model: str, outputs: Sequence[str]
) -> None:
    """Read the tables, draw the curves of one model and write them to each output."""
    figure = survival_by_risk(read_table(patients), read_table(predictions), model)
    style.save_figure(figure, outputs, title=f"Overall survival by risk group, {model_name(model)}")
