"""Which clinical variables the models take: chosen once, on training patients, and stored."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from taceflow.cohort.training import training_patients
from taceflow.files.tables import read_json, read_table, write_json
from taceflow.scores import OWN_SCORES
from taceflow.survival.regression.design import Variable, is_available, variables_from
from taceflow.survival.regression.screening import screen
from taceflow.survival.regression.variable_selection import (
    Selection,
    select_variables,
    selection_name,
)

_LOG = logging.getLogger(__name__)

NOTHING = {
    "univariate": "no clinical variable has a univariate p < {:g}",
    "stepwise": "stepwise selection by AIC leaves no clinical variable",
}


def write_clinical_variables(*, patients: str, selection: Selection, chosen: str) -> None:
    """Store the clinical variables that are selected in the training patients.

    Parameters
    ----------
    patients : str
        The cohort's table.
    selection : Selection
        Scores among its variables are passed over, and what is not known at baseline, such as the
        response to the treatment.
    chosen : str
        JSON file to be written.
    """
    cohort = read_table(patients)
    training = training_patients(cohort)
    candidates = clinical_candidates(selection.variables)
    kept = select_variables(training, candidates, selection.p_enter, selection.select)
    note = ""
    if not kept:
        note = NOTHING[selection.select].format(selection.p_enter)
        note += _without_estimate(training, candidates)
    _LOG.info("clinical variables: %s", ", ".join(variable.column for variable in kept) or note)
    content = {
        "variables": [
            dict(one) for one in selection.variables if one["column"] in {v.column for v in kept}
        ],
        # the configuration may list what this sheet has never had
        "candidates": sum(is_available(cohort, one) for one in candidates),
        "selection": selection_name(selection.p_enter, selection.select),
        "n": len(training),
        "events": int(training["event"].sum()),
        "note": note,
    }
    write_json(content, chosen)


def _without_estimate(training: pd.DataFrame, candidates: Sequence[Variable]) -> str:
    """Return the reasons for which variables that the table holds could not be tried."""
    held = [one for one in candidates if is_available(training, one)]
    reasons = [one.note for one in screen(training, held) if one.fit is None]
    return f" (not tried: {'; '.join(reasons)})" if reasons else ""


def clinical_candidates(variables: Sequence[Mapping[str, Any]]) -> list[Variable]:
    """Return those of ``survival.variables`` that are no scores and known before the treatment."""
    known_before = [one for one in variables if one.get("baseline", True)]
    return [one for one in variables_from(known_before) if one.column not in OWN_SCORES]


def read_clinical_variables(chosen: str) -> tuple[list[Variable], str]:
    """Return the stored variables, and the note that says why there are none."""
    content = read_json(chosen)
    return variables_from(content["variables"]), content["note"]
