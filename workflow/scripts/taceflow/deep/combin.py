"""DLOP-Combin: one network over the images' embeddings and the clinical factors."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from taceflow.deep.curves import survival_at
from taceflow.deep.predict import predicted_curves
from taceflow.deep.settings import HeadSettings
from taceflow.deep.train import cross_fit, history_table, load_training, save_fits
from taceflow.errors import CohortTooSmallError
from taceflow.survival.clinical_variables import read_clinical_variables
from taceflow.survival.design import encode
from taceflow.survival.horizons import horizon_column
from taceflow.survival.screening import fit_jointly
from taceflow.tables import read_json, write_table

_LOG = logging.getLogger(__name__)


def train_combin(
    *,
    patients: str,
    embeddings: str,
    breaks: str,
    splits: str,
    model: str,
    description: str,
    history: str,
    predictions: str,
    clinical_variables: str,
    horizons_months: Sequence[float],
    settings: dict,
    seed: int,
    code: str,
) -> None:
    """Train DLOP-Combin and predict; patients with a missing factor take no part.

    The head, its loss, the folds and the tuning patients are those of DLOP-CTR; the clinical
    factors enter beside the embedding of each of the patient's images.

    Parameters
    ----------
    patients, embeddings, breaks, splits : str
        ``cohort/patients.tsv`` and the files of ``dlopctr/``.
    model, description, history, predictions : str
        Files to write. The predictions: patient_id, cohort, risk (1 - survival at the horizon of
        DLOP-CTR), out_of_fold, survival at the horizons.
    clinical_variables : str
        The clinical variables that the Cox models take too.
    horizons_months : sequence of float
    settings : dict
        The arguments of `HeadSettings`.
    seed : int
    code : str

    Raises
    ------
    CohortTooSmallError
        If no training patient has all factors.
    """
    images, cohort, folds = load_training(patients, embeddings, splits)
    chosen, _ = read_clinical_variables(clinical_variables)
    # Coded as the clinical Cox model codes them, less what it has to leave out.
    terms = list(fit_jointly(cohort[cohort["cohort"] == "training"], chosen).terms)
    design = encode(cohort, terms)
    complete = design.notna().all(axis=1).to_numpy()
    if not complete[(cohort["cohort"] == "training").to_numpy()].any():
        names = ", ".join(term.column for term in terms)
        raise CohortTooSmallError(f"no training patient has a value of each of: {names}")
    used, cohort, folds = images.take(complete), cohort[complete], folds[complete]
    used = used.with_columns(design[complete].to_numpy(dtype=float))
    fixed = read_json(breaks)
    edges = np.array(fixed["breaks_months"])
    fits = cross_fit(
        used, cohort, folds, edges, HeadSettings(**settings), seed, clinical=design.shape[1]
    )
    save_fits(
        fits, used, cohort, fixed, settings, seed, code, model, description,
        terms=[term.as_json() for term in terms], clinical=list(design.columns),
    )  # fmt: skip
    write_table(history_table(fits), history, "dlopctr_history")
    heads = {name: fit.head for name, fit in fits.items()}
    curves = predicted_curves(heads, used, folds["fold"].to_numpy())
    table = pd.DataFrame(
        {
            "patient_id": cohort["patient_id"].to_numpy(),
            "cohort": cohort["cohort"].to_numpy(),
            "risk": 1 - survival_at(curves, edges, fixed["horizon_months"]),
            "out_of_fold": (folds["fold"].to_numpy() > 0).astype(int),
        }
    )
    for months in horizons_months:
        # The network says nothing beyond its last break.
        known = months <= edges[-1]
        table[horizon_column(months)] = survival_at(curves, edges, months) if known else np.nan
    write_table(table, predictions, "combin")
    _LOG.info("%d of %d patients have %s", len(table), len(complete),
              ", ".join(design.columns) or "no clinical factor entered")  # fmt: skip
