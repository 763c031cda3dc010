"""The multivariable Cox model that stepwise selection leaves."""

import numpy as np
import pandas as pd

from taceflow.survival.regression.design import Variable
from taceflow.survival.regression.variable_selection import fit_stepwise
from taceflow.survival.tables.table_s1 import table_s1


def test_table_s1_with_stepwise_selection(veteran, veteran_variables):
    rows = table_s1(veteran, list(veteran_variables.values()), 0.05, select="stepwise")
    joined = rows.loc[rows["hr_multi"].notna(), "variable"].unique()
    assert joined.tolist() == ["celltype", "karno"]
    assert (rows["selection"] == "stepwise AIC").all()
    assert (rows["n_multi"].dropna() == 137).all()


def test_complete_cases_of_all_candidates(cohort):
    cohort.loc[[1, 2], "weak"] = np.nan
    variables = [Variable(name, name) for name in ("strong", "weak", "dlopctr")]
    joint = fit_stepwise(cohort, variables)
    assert "strong" in [variable.column for variable in joint.variables]
    assert joint.fit.n == len(cohort) - 2


def test_what_cannot_be_in_one_model_is_named(cohort):
    cohort["copy"] = 2 * cohort["strong"] + 1
    variables = [Variable(name, name) for name in ("strong", "copy", "weak")]
    joint = fit_stepwise(cohort, variables)
    assert "linear combination" in joint.dropped["copy"]
    assert next(variable.column for variable in joint.variables) == "strong"


def test_nothing_is_left():
    draw = np.random.default_rng(0)
    table = pd.DataFrame({"time_months": draw.exponential(9, 80), "event": 1})
    table["noise"] = draw.normal(size=80)
    joint = fit_stepwise(table, [Variable("noise", "Noise")])
    assert (joint.fit, joint.variables, joint.dropped) == (None, (), {})
