"""Stepwise selection by Akaike's criterion, in both directions, as R's MASS::stepAIC."""

from collections.abc import Callable, Sequence

from taceflow.survival.regression.cox import CoxFit
from taceflow.survival.regression.cox_of_variables import FIT_ERRORS
from taceflow.survival.regression.design import Term
from taceflow.survival.regression.logistic import LogisticFit

SMALLEST_GAIN = 1e-7
"""As in stepAIC: a smaller fall of the criterion is none."""


def stepwise_terms(
    terms: Sequence[Term], fit: Callable[[list[Term]], CoxFit | LogisticFit]
) -> list[Term]:
    """Choose among the terms of a model.

    Parameters
    ----------
    terms : sequence of Term
        Of the model to start from.
    fit : callable
        From terms to a fit with an ``aic``; a model that it cannot fit is not chosen.

    Returns
    -------
    list of Term
        In the order of `terms`.
    """
    by_name = {term.column: term for term in terms}

    def criterion(names: tuple[str, ...]) -> float:
        try:
            return fit([by_name[name] for name in names]).aic
        except FIT_ERRORS:
            return float("inf")

    return [by_name[name] for name in stepwise(list(by_name), criterion)[0]]


def stepwise(
    names: Sequence[str], criterion: Callable[[tuple[str, ...]], float]
) -> tuple[tuple[str, ...], list[tuple[str, float]]]:
    """Start from all variables, and drop or take back one at a time while the criterion falls.

    Parameters
    ----------
    names : sequence of str
        The variables.
    criterion : callable
        From the variables of a model, in the order of `names`, to its AIC; infinite for a model
        that cannot be fitted.

    Returns
    -------
    chosen : tuple of str
        In the order of `names`.
    path : list of (str, float)
        Each change (``- age``, ``+ age``, empty at first) with the AIC that it led to.
    """
    chosen = tuple(names)
    current = criterion(chosen)
    path = [("", current)]
    while True:
        changes = {}
        for name in names:
            with_it = name in chosen
            changed = {*chosen} ^ {name}
            model = tuple(other for other in names if other in changed)
            changes[f"{'-' if with_it else '+'} {name}"] = (criterion(model), model)
        change = min(changes, key=lambda key: changes[key][0], default="")
        if not change or not changes[change][0] < current - SMALLEST_GAIN:
            return chosen, path
        current, chosen = changes[change]
        path.append((change, current))
