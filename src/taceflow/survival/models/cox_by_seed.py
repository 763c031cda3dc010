"""DLOP-Cox by each seed's DLOP-CTR alone: how far the model depends on the network's seed."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.errors import TaceflowError
from taceflow.files.tables import read_table
from taceflow.survival.models.predictions import Predicted, predicted_by_cox
from taceflow.survival.models.stored_cox import complete_design, fit_as_json, model_risk
from taceflow.survival.regression.cox_of_variables import fit_cox_terms
from taceflow.survival.regression.design import term_from_json

SCORE = "dlopctr"

_LOG = logging.getLogger(__name__)


def refit(model: Mapping[str, Any], training: pd.DataFrame, by_seed: str) -> list[dict[str, Any]]:
    """Fit a stored Cox model again, with DLOP-CTR as each seed alone predicts it.

    Parameters
    ----------
    model : mapping
        Its entry in ``survival/models.json``: the variables stay.
    training : DataFrame
        Training patients with the model's columns.
    by_seed : str
        ``dlopctr/predictions_by_seed.tsv``, out of fold for training patients.

    Returns
    -------
    list of dict
        A fit a seed, as `fit_as_json`; none if DLOP-CTR is not in the model, or if a seed gives
        no fit.
    """
    if SCORE not in model["variables"]:
        return []
    terms = [term_from_json(term) for term in model["terms"]]
    fits = []
    for number, table in enumerate(_with_each_score(training, by_seed), start=1):
        design = complete_design(model, table)
        rows = table.loc[design.index]
        try:
            fit = fit_cox_terms(rows, terms)
        except TaceflowError as error:
            _LOG.warning("no spread over the seeds: seed %d gives no model: %s", number, error)
            return []
        fits.append(fit_as_json(fit, terms, table))
    return fits


def predicted_by_seed(
    model: Mapping[str, Any], patients: pd.DataFrame, by_seed: str
) -> list[Predicted]:
    """Return what the refitted models say of some patients by each seed's score.

    Parameters
    ----------
    model : mapping
        An entry of ``survival/models.json`` with the fits of `refit` as ``by_seed``.
    patients : DataFrame
        With the model's columns, complete.
    by_seed : str
        As for `refit`.
    """
    if not model["by_seed"]:
        return []
    return [
        predicted_by_cox(model_risk(fit, complete_design(fit, table)), fit)
        for fit, table in zip(model["by_seed"], _with_each_score(patients, by_seed), strict=True)
    ]


def _with_each_score(patients: pd.DataFrame, by_seed: str) -> Sequence[pd.DataFrame]:
    """Return the patients once a seed, with its DLOP-CTR."""
    table = read_table(by_seed, "dlopctr_predictions_by_seed")
    return [
        join_by_patient(patients, scores, [SCORE], file=by_seed)
        for _, scores in table.groupby("seed", sort=True)
    ]
