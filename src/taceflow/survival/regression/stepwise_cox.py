"""Stepwise choice of the multivariate Cox model."""

from collections.abc import Sequence

import pandas as pd

from taceflow.survival.regression.design import Variable
from taceflow.survival.regression.fitting import cox_part_fitter, tables_for
from taceflow.survival.regression.screening import Joint, fit_jointly
from taceflow.survival.regression.stepwise import stepwise_terms


def fit_stepwise(
    patients: pd.DataFrame, variables: Sequence[Variable], imputed: Sequence[pd.DataFrame] = ()
) -> Joint:
    """Choose among variables by Akaike's criterion, in both directions from all of them.

    Parameters
    ----------
    patients, variables, imputed
        As for `fit_jointly`, which leaves out what cannot be in one model.

    Returns
    -------
    Joint
        Of the chosen variables, on the patients complete in all candidates; of imputed tables
        the variables chosen in at least half of them.
    """
    full = fit_jointly(patients, variables, imputed)
    if full.fit is None:
        return full
    names = [variable.column for variable in full.variables]
    tables = tables_for(patients, names, imputed)
    times = dict.fromkeys(names, 0)
    for table in tables:
        for term in stepwise_terms(full.terms, cox_part_fitter(table, full.terms)):
            times[term.column] += 1
    kept = [one for one in full.variables if 2 * times[one.column] >= len(tables)]
    if not kept:
        return Joint((), (), None, {}, full.dropped)
    several = len(tables) > 1
    chosen = fit_jointly(patients, kept, imputed) if several else fit_jointly(tables[0], kept)
    chosen.dropped.update(full.dropped)
    return chosen
