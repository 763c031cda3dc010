"""Data that the statistics' tests share."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def veteran(shared_data) -> pd.DataFrame:
    """R's veteran: 137 patients, 128 deaths, many ties."""
    table = pd.read_csv(shared_data / "stat/data/veteran.csv", skipinitialspace=True)
    return table.rename(columns={"time": "time_months", "status": "event"})


@pytest.fixture
def cohort() -> pd.DataFrame:
    """A made-up cohort: `strong` and `stage` carry risk, `weak` does not."""
    n = 160
    draw = np.random.default_rng(21)
    strong, weak = draw.normal(size=n), draw.normal(size=n)
    stage = draw.choice([1.0, 2.0, 3.0], n)
    risk = 1.0 * strong + 0.7 * (stage - 1)
    death = draw.exponential(30, n) * np.exp(-risk)
    censoring = draw.uniform(6, 70, n)
    return pd.DataFrame(
        {
            "patient_id": [f"P{k:03d}" for k in range(n)],
            "cohort": np.where(np.arange(n) % 3 == 0, "validation", "training"),
            "time_months": np.maximum(np.minimum(death, censoring).round(1), 0.1),
            "event": (death <= censoring).astype(int),
            "strong": strong,
            "weak": weak,
            "stage": stage,
            "radscore": 0.5 * strong + 0.5 * draw.normal(size=n),
            "dlopctr": 1 / (1 + np.exp(risk + draw.normal(size=n))),
        }
    )
