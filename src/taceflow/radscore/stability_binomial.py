"""Selection frequency of the Radscore's features, LASSO logistic regression."""

from functools import partial

import numpy as np

from taceflow.errors import ConvergenceError
from taceflow.radscore.lambdas import chosen_step
from taceflow.radscore.lasso_binomial import binomial_outcome, binomial_path, cross_validate
from taceflow.radscore.resampling import Bootstrap
from taceflow.radscore.stability import write_stability
from taceflow.radscore.training_data import TrainingData

MINIMUM_OF_A_CLASS = 2
"""glmnet refuses fewer deaths or survivors."""


def write_frequency_binomial(
    data: TrainingData,
    bootstrap: Bootstrap,
    *,
    choose: str,
    horizon_months: float | None,
    frequency: str,
    resamples: str,
) -> None:
    """Write ``radscore/selection_frequency.tsv`` and ``resamples.tsv`` for the family ``binomial``.

    Parameters
    ----------
    data : TrainingData
        From `load_training`.
    bootstrap : Bootstrap
    choose : {'lambda.min', 'lambda.1se'}
        Which penalty a resample's own cross-validation chooses.
    horizon_months : float or None
        Where survival is taken as yes or no; None: the event.
    frequency, resamples : str
        Tables to write.
    """
    data = binomial_outcome(data, horizon_months)
    fit = partial(coefficients_binomial, data.features.to_numpy(), data.event, choose)
    write_stability(data, fit, bootstrap, frequency=frequency, resamples=resamples)


def coefficients_binomial(
    values: np.ndarray, event: np.ndarray, choose: str, rows: np.ndarray, fold: np.ndarray
) -> np.ndarray:
    """Return the coefficients that a resample's own path and cross-validation choose.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Raw features of those who take part.
    event : ndarray of {0, 1}, shape (n,)
        What is fitted.
    choose : {'lambda.min', 'lambda.1se'}
        Which penalty.
    rows, fold : ndarray of int, shape (n,)
        From `resampling.draw_resample`.

    Returns
    -------
    ndarray, shape (p,)

    Raises
    ------
    ConvergenceError
        If a fold leaves fewer than two deaths or survivors.
    """
    drawn, outcome = values[rows], event[rows]
    for number in np.unique(fold):
        counts = np.bincount(outcome[fold != number], minlength=2)
        if counts.min() < MINIMUM_OF_A_CLASS:
            raise ConvergenceError(f"{counts.min()} of a class are left without fold {number}")
    path = binomial_path(drawn, outcome)
    validated = cross_validate(path, drawn, outcome, fold)
    return path.coefficients[:, chosen_step(path, validated, choose)]
