"""Stepwise selection against R's stepAIC, and in Table S1."""

import numpy as np
import pandas as pd

from taceflow.survival.regression.cox_of_variables import fit_cox_terms
from taceflow.survival.regression.design import make_term
from taceflow.survival.regression.stepwise import stepwise


def test_the_path_equals_stepaic(shared_data, veteran, veteran_variables):
    expected = pd.read_csv(
        shared_data / "stat/stepwise/cox_veteran_backward_aic_factor_path.csv",
        skipinitialspace=True,
    )
    terms = {name: make_term(veteran, variable) for name, variable in veteran_variables.items()}
    chosen, path = stepwise(
        list(veteran_variables),
        lambda names: fit_cox_terms(veteran, [terms[name] for name in names]).aic,
    )
    assert [change for change, _ in path] == expected["change"].fillna("").str.strip().tolist()
    np.testing.assert_allclose([aic for _, aic in path], expected["aic"], rtol=1e-10)
    assert chosen == ("celltype", "karno")


def test_a_variable_comes_back_once_others_have_left():
    values = {"abcd": 10, "bcd": 8, "cd": 7, "d": 6, "ad": 5}
    chosen, path = stepwise(list("abcd"), lambda names: values.get("".join(names), 9))
    assert [change for change, _ in path] == ["", "- a", "- b", "- c", "+ a"]
    assert chosen == ("a", "d")


def test_models_that_cannot_be_fitted_are_passed_by():
    values = {("a", "b"): 5.0, ("a",): float("inf"), ("b",): 4.0, (): 9.0}
    assert stepwise(["a", "b"], values.__getitem__)[0] == ("b",)
    assert stepwise([], lambda names: 1.0) == ((), [("", 1.0)])
