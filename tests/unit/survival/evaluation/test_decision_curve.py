"""Net benefit against R's dcurves and rmda, and for survival by definition."""

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from taceflow.survival.evaluation.decision_curve import net_benefit


def of_a_known_outcome(outcome, probability, thresholds):
    """With everybody followed to the horizon, survival's net benefit is the binary one."""
    time = np.where(outcome == 1, 1.0, 9.0)
    return net_benefit(time, outcome, probability, 5.0, thresholds)


@pytest.mark.parametrize(("model", "variable"), [("y ~ m3", "m3"), ("y ~ m1", "m1")])
def test_binary_equals_rmda(shared_data, model, variable):
    folder = shared_data / "stat/dca"
    data = pd.read_csv(folder / "binary_pred.csv", skipinitialspace=True)
    table = pd.read_csv(folder / "binary_rmda.csv", skipinitialspace=True)
    table = table.loc[table["model"] == model]
    found = of_a_known_outcome(
        data["y"].to_numpy(), data[variable].to_numpy(), table["threshold"].to_numpy()
    )
    np.testing.assert_allclose(found, table["NB"], atol=1e-12)


@pytest.mark.parametrize("variable", ["all", "m3", "m1"])
def test_binary_equals_dcurves(shared_data, variable):
    folder = shared_data / "stat/dca"
    data = pd.read_csv(folder / "binary_pred.csv", skipinitialspace=True).assign(all=1.0)
    table = pd.read_csv(folder / "binary_dcurvesR.csv", skipinitialspace=True)
    table = table.loc[table["variable"] == variable]
    outcome, probability = data["y"].to_numpy(), data[variable].to_numpy()
    found = of_a_known_outcome(outcome, probability, table["threshold"].to_numpy())
    np.testing.assert_allclose(found, table["nb"], atol=1e-12)


def test_with_censoring_by_definition(cohort):
    time, event = cohort["time_months"].to_numpy(), cohort["event"].to_numpy()
    probability = 1 - cohort["dlopctr"].to_numpy()
    found = net_benefit(time, event, probability, 12.0, np.array([0.4]))[0]
    treated = probability >= 0.4
    alive = KaplanMeierFitter().fit(time[treated], event[treated]).predict(12.0)
    expected = treated.mean() * ((1 - alive) - alive * 0.4 / 0.6)
    assert found == pytest.approx(expected, abs=1e-12)


def test_nobody_treated_and_nobody_followed(cohort):
    time, event = cohort["time_months"].to_numpy(), cohort["event"].to_numpy()
    assert net_benefit(time, event, np.zeros(160), 12.0, np.array([0.5]))[0] == 0
    late = np.where(time == time.max(), 0.9, 0.1)
    assert np.isnan(net_benefit(time, event * 0, 1 - late, 100.0, np.array([0.5]))[0])
