"""The cumulative/dynamic AUC month by month."""

import numpy as np
import pandas as pd
from sksurv.metrics import cumulative_dynamic_auc
from sksurv.util import Surv

from taceflow.survival.evaluation.weighting import just_before_deaths
from taceflow.survival.floor import FEWEST


def auc_over_time(time: np.ndarray, event: np.ndarray, risk: np.ndarray) -> pd.DataFrame:
    """Return the time-dependent AUC at each whole month that has deaths and survivors enough.

    Cumulative cases, dynamic controls, weighted for censoring within the cohort (Uno et al.
    2007, JASA 102:527), as R's timeROC.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    risk : ndarray, shape (n,)
        Higher = worse.

    Returns
    -------
    DataFrame
        ``months``, ``auc``; without rows if no month has `FEWEST` deaths before it and as many
        patients followed beyond it.
    """
    died = np.asarray(event).astype(bool)
    months = np.arange(1.0, np.floor(time.max()) + 1) if len(time) else np.array([])
    deaths = (died[:, None] & (time[:, None] <= months)).sum(axis=0)
    beyond = (time[:, None] > months).sum(axis=0)
    months = months[(deaths >= FEWEST) & (beyond >= FEWEST)]
    if not len(months):
        return pd.DataFrame({"months": [], "auc": []})
    outcome = Surv.from_arrays(died, time)
    area, _ = cumulative_dynamic_auc(outcome, just_before_deaths(time, event), risk, months)
    return pd.DataFrame({"months": months, "auc": np.clip(np.atleast_1d(area), 0.0, 1.0)})
