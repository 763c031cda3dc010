"""Overall survival by a model's risk groups, in each cohort."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from taceflow.figures.kaplan_meier import kaplan_meier_figure
from taceflow.figures.style import BLUE, VERMILLION, not_drawn, save_figure
from taceflow.files.tables import read_table
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

    Returns
    -------
    matplotlib.figure.Figure
    """
    groups = predictions.loc[predictions["model"] == model, ["patient_id", "risk_group"]]
    if groups.empty:
        return not_drawn(
            f"The run has no predictions of {model_name(model)}.",
            f"Survival by {model_name(model)}",
        )
    # the sheet's other columns are the user's, and may have any name
    sheet = patients[["patient_id", "cohort", "time_months", "event"]]
    table = sheet.merge(groups, on="patient_id", how="left", validate="one_to_one")
    table = table.rename(columns={"risk_group": "group"})
    panels = {
        f"{model_name(model)}, {cohort_name(cohort).lower()}": table[table["cohort"] == cohort]
        for cohort in in_order(table["cohort"], COHORTS)
    }
    return kaplan_meier_figure(
        panels, _GROUPS, colours=(BLUE, VERMILLION), title=f"Survival by {model_name(model)}"
    )


def write_survival_by_risk(
    patients: str, predictions: str, model: str, outputs: Sequence[str]
) -> None:
    """Read the tables, draw the curves of one model and write them to each output."""
    figure = survival_by_risk(read_table(patients), read_table(predictions), model)
    save_figure(figure, outputs, title=f"Overall survival by risk group, {model_name(model)}")
