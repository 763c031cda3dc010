"""Selection frequency of the Radscore's features, LASSO for Cox's model."""

from functools import partial

import numpy as np

from taceflow.radscore.cox_path import cox_path
from taceflow.radscore.lambdas import check_size, chosen_step
from taceflow.radscore.lasso_cox import cross_validate
from taceflow.radscore.resampling import Bootstrap
from taceflow.radscore.stability import write_stability
from taceflow.radscore.training_data import TrainingData

STEPS = (20, 40, 60, 80, 100)
"""Penalties fitted at first, and if that does not suffice."""

BEYOND = 10
"""Penalties by which a path goes on behind the lowest deviance."""


def write_frequency_cox(
    data: TrainingData,
    bootstrap: Bootstrap,
    *,
    choose: str,
    frequency: str,
    resamples: str,
) -> None:
    """Write ``radscore/selection_frequency.tsv`` and ``resamples.tsv`` for the family ``cox``.

    Parameters
    ----------
    data : TrainingData
        From `load_training`.
    bootstrap : Bootstrap
    choose : {'lambda.min', 'lambda.1se'}
        Which penalty a resample's own cross-validation chooses.
    frequency, resamples : str
        Tables to write.
    """
    check_size(data.n, data.events, data.folds)
    fit = partial(coefficients_cox, data.features.to_numpy(), data.time_months, data.event, choose)
    write_stability(data, fit, bootstrap, frequency=frequency, resamples=resamples)


def coefficients_cox(
    values: np.ndarray,
    time: np.ndarray,
    event: np.ndarray,
    choose: str,
    rows: np.ndarray,
    fold: np.ndarray,
) -> np.ndarray:
    """Return the coefficients that a resample's own path and cross-validation choose.

    The path is followed until the deviance has not fallen for `BEYOND` penalties. With copies
    of patients its end is overfitted even more than otherwise, and takes nearly all the time.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Raw features of all training patients.
    time, event : ndarray, shape (n,)
        Follow-up in months; 1 = died.
    choose : {'lambda.min', 'lambda.1se'}
        Which penalty.
    rows, fold : ndarray of int, shape (n,)
        From `resampling.draw_resample`.

    Returns
    -------
    ndarray, shape (p,)
    """
    drawn = values[rows], time[rows], event[rows]
    for most in STEPS:
        path = cox_path(*drawn, most=most)
        validated = cross_validate(path, *drawn, fold, whole=False)
        if len(path.lambdas) < most or validated.mean.argmin() < most - BEYOND:
            break
    return path.coefficients[:, chosen_step(path, validated, choose)]
