"""Time-dependent ROC curves, cumulative cases and dynamic controls."""

import numpy as np

from taceflow.survival.evaluation.censoring import censoring_weights


def roc_curve(
    time: np.ndarray, event: np.ndarray, risk: np.ndarray, horizon_months: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ROC curve for death up to a horizon (Uno et al. 2007, JASA 102:527).

    Cases died by the horizon and weigh by their chance of not being censored before; controls
    were followed beyond it. The area is that of scikit-survival's `cumulative_dynamic_auc`
    and R's timeROC.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died. See `horizon_problem` for what must be there.
    risk : ndarray, shape (n,)
        Higher = worse.

    Returns
    -------
    false_positive_rate, true_positive_rate : ndarray, shape (m,)
        From (0, 0) to (1, 1), one point for each distinct risk.
    """
    weights = censoring_weights(time, event, horizon_months)
    controls = (time > horizon_months).astype(float)
    order = np.argsort(-risk, kind="stable")
    # Equal risks enter together, so only the last of them makes a point.
    last = np.flatnonzero(np.diff(risk[order], append=np.inf) != 0)
    true = np.minimum(np.cumsum(weights[order])[last] / weights.sum(), 1.0)
    false = np.cumsum(controls[order])[last] / controls.sum()
    return np.concatenate([[0.0], false]), np.concatenate([[0.0], true])
