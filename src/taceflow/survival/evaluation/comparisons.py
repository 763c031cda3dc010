"""Harrell's C of the models against each other, on the patients that both predict."""

from typing import Any

import numpy as np
import pandas as pd

from taceflow.survival.evaluation.concordance import compare, concordance
from taceflow.survival.evaluation.multiplicity import paired_tests
from taceflow.survival.minimum_counts import of_survival, shortfall

COLUMNS = ["model_a", "model_b", "cohort", "family", "metric", "difference", "lower", "upper"]
COLUMNS += ["p", "p_adjusted", "n", "events", "note"]


def compare_models(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``survival/comparisons.tsv``, see `paired_tests`."""
    return pd.DataFrame(paired_tests(outcome, _compare_c), columns=COLUMNS)


def _compare_c(both: pd.DataFrame, _cohort: str, first: str, second: str) -> dict[str, Any]:
    time, event = both["time_months"].to_numpy(float), both["event"].to_numpy(int)
    a, b = (concordance(time, event, both[name].to_numpy()) for name in (first, second))
    found = compare(a, b)
    row = {
        "model_a": first,
        "model_b": second,
        "metric": "c_index",
        "difference": found.estimate,
        "n": len(both),
        "events": int(event.sum()),
        "note": found.note if np.isfinite(found.estimate) else "no comparable pair",
    }
    few = shortfall(of_survival(time, event))
    if few and np.isfinite(found.estimate):
        return row | {"note": f"neither interval nor test: {few}"}
    return row | {"lower": found.lower, "upper": found.upper, "p": found.p}
