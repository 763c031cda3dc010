"""Calibration slope and groups."""

import numpy as np
import pytest

from taceflow.errors import CohortTooSmallError
from taceflow.survival.evaluation.calibration import calibration_groups, calibration_slope
from taceflow.survival.regression.cox import fit_cox


def test_calibration_slope_of_a_models_own_cohort_is_one(cohort):
    time, event = cohort["time_months"].to_numpy(), cohort["event"].to_numpy()
    model = fit_cox(time, event, cohort[["strong", "stage"]], ["strong", "stage"])
    risk = cohort[["strong", "stage"]].to_numpy() @ model.coefficients
    slope = calibration_slope(time, event, risk)
    assert slope.estimate == pytest.approx(1, abs=1e-6)
    assert calibration_slope(time, event, 2 * risk).estimate == pytest.approx(0.5, abs=1e-6)
    with pytest.raises(CohortTooSmallError):
        calibration_slope(time, event * 0, risk)


def test_calibration_groups(cohort):
    time, event = cohort["time_months"].to_numpy(), cohort["event"].to_numpy()
    predicted = cohort["dlopctr"].to_numpy()
    table = calibration_groups(time, event, predicted, 12.0)
    assert table["n"].tolist() == [32] * 5
    assert table["predicted"].is_monotonic_increasing
    assert table["observed"].iloc[-1] > table["observed"].iloc[0]
    assert (table["lower"] <= table["observed"]).all()
    # One prediction for all is one group; its survival is the cohort's.
    assert calibration_groups(time, event, np.full(160, 0.4), 12.0)["n"].tolist() == [160]
    beyond = calibration_groups(time, event * 0, predicted, 500.0)
    assert beyond["observed"].isna().all()
    assert (beyond["note"] != "").all()
