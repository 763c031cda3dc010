"""What models say of patients, and the rows of the table of predictions."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.survival.models.predictions import (
    curves_of,
    predicted_by_cox,
    predicted_by_network,
    prediction_rows,
)

STORED = {
    "baseline": {
        "times_months": [2.0, 10.0],
        "log_cumulative_hazard": [np.log(0.1), np.log(0.4)],
        "last_follow_up_months": 30.0,
    }
}
NETWORK = {"breaks_months": [0.0, 10.0, 20.0]}


def test_a_cox_model_by_hand():
    found = predicted_by_cox(np.array([0.0, np.log(2)]), STORED)
    survival = found.survival(np.array([1.0, 5.0, 10.0]))
    expected = [[1, np.exp(-0.1), np.exp(-0.4)], [1, np.exp(-0.2), np.exp(-0.8)]]
    np.testing.assert_allclose(survival, expected)


def test_a_network_by_hand():
    found = predicted_by_network([0.8], np.array([[0.8, 0.4]]), NETWORK)
    assert (found.risk[0], found.last_months) == (pytest.approx(0.2), 20)
    np.testing.assert_allclose(found.survival(np.array([5.0, 15.0])), [[0.9, 0.6]])
    # S = exp(-exp(log hazard)), as of a Cox model whose cumulative baseline hazard is 1
    assert np.exp(-np.exp(found.log_hazard[0])) == pytest.approx(0.8)


def test_rows_are_empty_beyond_what_is_known():
    patients = pd.DataFrame({"patient_id": ["a", "b"], "cohort": ["training", "external"]})
    known = predicted_by_network([0.8, 0.5], np.array([[0.8, 0.4], [0.5, 0.1]]), NETWORK)
    rows = prediction_rows("dlopctr", patients, known, np.array(["low", "high"]), [10.0, 24.0])
    assert rows["survival_10_months"].tolist() == [0.8, 0.5]
    assert rows["survival_24_months"].isna().all()
    assert rows[["model", "risk_group"]].to_numpy().tolist() == [
        ["dlopctr", "low"],
        ["dlopctr", "high"],
    ]


def test_curves_of_other_intervals_are_refused():
    table = pd.DataFrame({"survival_at_10.0_months": [0.8]})
    with pytest.raises(InputError, match=r"1 breaks, where breaks.json has 2 intervals"):
        curves_of(table, NETWORK, "predictions.tsv")
