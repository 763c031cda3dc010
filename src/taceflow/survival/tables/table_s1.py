"""Table S1: univariate and multivariable Cox analysis of DLOP-CTR and clinical factors."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.cohort.training import training_patients
from taceflow.files.tables import read_table, write_table
from taceflow.survival.regression.design import Variable, own_score, variables_from
from taceflow.survival.regression.imputation import impute
from taceflow.survival.regression.pooling import PooledFit
from taceflow.survival.regression.proportional_hazards import GLOBAL, hazards_p
from taceflow.survival.regression.screening import Joint, Screened, screen
from taceflow.survival.regression.variable_selection import Select, fit_selected, selection_name
from taceflow.survival.tables.ratios import ratio_columns, ratio_rows

_LOG = logging.getLogger(__name__)

DLOPCTR = own_score("dlopctr")

COLUMNS = [
    *ratio_columns("hr"),
    "n",
    "events",
    "n_multi",
    "events_multi",
    "p_ph_uni",
    "p_ph_multi",
    "p_ph_global",
    "selection",
    "imputations",
    "note",
]

NOT_PROPORTIONAL = 0.05
"""P of the test of proportional hazards below which a note says so."""


def write_table_s1(
    *,
    patients: str,
    dlopctr_predictions: str | None,
    variables: Sequence[Mapping[str, Any]],
    p_enter: float,
    select: Select,
    missing: str,
    seed: int,
    table: str,
) -> None:
    """Write ``tables/table_s1.tsv`` from the training patients.

    Parameters
    ----------
    patients : str
        Cohort table.
    dlopctr_predictions : str or None
        DLOP-CTR (out of fold for training patients); None if the study has no images.
    variables : sequence of mapping
        ``survival.variables`` of the configuration; DLOP-CTR is added at the end if not listed,
        and passed over where there is none.
    p_enter : float
        P below which a variable enters the multivariable model.
    select : {'univariate', 'stepwise'}
        See `table_s1`.
    missing : {'complete', 'impute'}
        Complete cases of each model, or multiple imputation.
    seed : int
        Of the imputation.
    table : str
        Table to write.
    """
    training, chosen = training_and_variables(patients, dlopctr_predictions, variables)
    imputed = impute(training, chosen, seed) if missing == "impute" else ()
    frame = table_s1(training, chosen, p_enter, select=select, imputed=imputed)
    write_table(frame, table, "table_s1")


def training_and_variables(
    patients: str, dlopctr_predictions: str | None, variables: Sequence[Mapping[str, Any]]
) -> tuple[pd.DataFrame, list[Variable]]:
    """Return the training patients with DLOP-CTR, if there is any, and the table's variables.

    Parameters
    ----------
    patients, dlopctr_predictions, variables
        As for `write_table_s1`.

    Returns
    -------
    training : DataFrame
    variables : list of Variable
    """
    training = training_patients(read_table(patients)).sort_values("patient_id")
    chosen = variables_from(variables)
    if dlopctr_predictions is None:
        chosen = [variable for variable in chosen if variable.column != DLOPCTR.column]
        _LOG.info("DLOP-CTR is left out of the table: the study has no images")
    else:
        training = join_by_patient(
            training, read_table(dlopctr_predictions), [DLOPCTR.column], file=dlopctr_predictions
        )
        if DLOPCTR.column not in [variable.column for variable in chosen]:
            chosen.append(DLOPCTR)
    return training, chosen


def table_s1(
    training: pd.DataFrame,
    variables: Sequence[Variable],
    p_enter: float,
    *,
    select: Select = "univariate",
    imputed: Sequence[pd.DataFrame] = (),
) -> pd.DataFrame:
    """Return hazard ratios of each variable alone and of the chosen ones together.

    Parameters
    ----------
    training : DataFrame
        Training patients: ``time_months``, ``event``, and the variables' columns.
    variables : sequence of Variable
        In the order of the table.
    p_enter : float
        A variable of one column enters by its Wald p, a factor of several by its
        likelihood-ratio p.
    select : {'univariate', 'stepwise'}
        Those with p < `p_enter` form the multivariable model, or those that stepwise selection
        by AIC leaves of all that can be fitted.
    imputed : sequence of DataFrame
        `training` with gaps filled, several times; complete cases if there are none.

    Returns
    -------
    DataFrame
        One row a number or 0/1 variable, one row a level of a factor (its reference first).
        ``p`` is Wald's, ``p_variable`` the one that decides. ``n`` and ``events`` are the
        univariate model's patients, ``n_multi`` and ``events_multi`` the multivariable one's.
        ``p_ph`` is the test of proportional hazards, of the variable in each model and of the
        whole multivariable one. Where there is no estimate, ``note`` says why.
    """
    screened = screen(training, variables, imputed)
    joint = fit_selected(training, screened, p_enter, select, imputed)
    hazards = hazards_p(joint.tables, joint.fits, joint.terms)
    rows = [row for one in screened for row in _variable_rows(one, joint, hazards)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(selection=selection_name(p_enter, select))


def _variable_rows(
    one: Screened, joint: Joint, p_hazards: Mapping[str, float]
) -> list[dict[str, Any]]:
    variable = one.variable
    terms = [] if one.term is None else [one.term]
    base = {
        "variable": variable.column,
        "label": variable.label,
        "level": None,
        "p_variable_uni": one.p,
        "n": one.n,
        "events": one.events,
        "p_ph_uni": hazards_p(one.tables, one.fits, terms).get(variable.column, np.nan),
        "imputations": one.fit.imputations if isinstance(one.fit, PooledFit) else 0,
    }
    notes = [one.note]
    if variable.column in joint.dropped:
        notes.append(f"not in the multivariable model: {joint.dropped[variable.column]}")
    joined = variable in joint.variables
    if joined and joint.fit is not None:
        base |= {
            "p_variable_multi": joint.p[variable.column],
            "n_multi": joint.fit.n,
            "events_multi": joint.fit.events,
            "p_ph_multi": p_hazards[variable.column],
            "p_ph_global": p_hazards[GLOBAL],
        }
    base["note"] = "; ".join(note for note in notes if note) or None
    if one.term is None:
        return [base]
    alone = None if one.fit is None else (one.fit, one.few)
    together = (joint.fit, joint.few) if joined and joint.fit is not None else None
    rows = ratio_rows(base, one.term, "hr", alone, together)
    hazards = _hazards_note(base | {"fitted": one.fit is not None})
    if hazards:
        first = rows[1] if variable.is_factor else rows[0]
        first["note"] = "; ".join(part for part in (first["note"], hazards) if part)
    return rows


def _hazards_note(base: Mapping[str, Any]) -> str:
    """Say in which models the variable's hazards are not proportional, or were not tested."""
    if base["fitted"] and np.isnan(base["p_ph_uni"]):
        return "proportional hazards cannot be tested: too few different times of death"
    found = [
        f"p = {base[key]:.2g} {where}"
        for key, where in (("p_ph_uni", "alone"), ("p_ph_multi", "in the multivariable model"))
        if base.get(key, np.nan) < NOT_PROPORTIONAL
    ]
    return f"hazards not proportional ({', '.join(found)})" if found else ""
