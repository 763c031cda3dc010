"""A made-up cohort as what the figures of merit take: times, events and a risk with ties."""

import numpy as np
import pytest


@pytest.fixture
def data(cohort):
    """Months, events and risk of each patient."""
    return (
        cohort["time_months"].to_numpy(),
        cohort["event"].to_numpy(),
        (cohort["strong"] + 0.5 * cohort["weak"]).round(1).to_numpy(),
    )


@pytest.fixture
def apart(data):
    """No two times alike: with deaths and censorings at one time scikit-survival differs from R."""
    time, event, risk = data
    return time + 1e-4 * np.arange(len(time)), event, risk
