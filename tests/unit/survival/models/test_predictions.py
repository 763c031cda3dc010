"""What models say of patients, and the rows of the table of predictions."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.files.schemas import schema_problems
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


def test_limits_are_told_on_demand_alone():
    patients = pd.DataFrame({"patient_id": ["a", "b"], "cohort": "external"})
    groups = np.array(["low", "high"])
    # two equal steps of the baseline, a coefficient with variance 0.25, patients 0 and 2 away
    interval = {"covariance": [[0.25]], "relative_variance": [1, 0.5], "mean_at_risk": [[3], [3]]}
    stored = STORED | {"interval": interval}
    known = predicted_by_cox(np.zeros(2), stored, np.array([[3.0], [5.0]]))
    rows = prediction_rows("clinical", patients, known, groups, [12.0, 24.0], with_limits=True)
    reach = 1.959964 * np.sqrt([0.5, 1.5])
    np.testing.assert_allclose(rows["survival_12_months_lower"], np.exp(-0.4 * np.exp(reach)))
    np.testing.assert_allclose(rows["survival_24_months_upper"], np.exp(-0.4 * np.exp(-reach)))
    assert not schema_problems(rows, "survival_predictions")
    without = prediction_rows("clinical", patients, known, groups, [12.0, 24.0])
    assert list(without) == [name for name in rows if not name.endswith(("_lower", "_upper"))]


@pytest.mark.parametrize(
    "known",
    [
        predicted_by_network([0.8], np.array([[0.8, 0.4]]), NETWORK),
        predicted_by_cox(np.zeros(1), STORED, np.zeros((1, 1))),
        predicted_by_cox(np.zeros(1), STORED | {"interval": {}}),
    ],
)
def test_limits_that_nothing_tells_are_empty(known):
    patients = pd.DataFrame({"patient_id": ["a"], "cohort": ["external"]})
    rows = prediction_rows("any", patients, known, np.array(["low"]), [10.0], with_limits=True)
    assert rows[["survival_10_months_lower", "survival_10_months_upper"]].isna().all(axis=None)
    assert rows["survival_10_months"].notna().all()


def test_curves_of_other_intervals_are_refused():
    table = pd.DataFrame({"survival_at_10.0_months": [0.8]})
    with pytest.raises(InputError, match=r"1 breaks, where breaks.json has 2 intervals"):
        curves_of(table, NETWORK, "predictions.tsv")
