"""Harrell's C of the models against each other, on the patients that both predict."""

from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.training import HELD_OUT
from taceflow.survival.evaluation.concordance import compare, concordance
from taceflow.survival.evaluation.multiplicity import adjusted_by_family, pairs_by_family
from taceflow.survival.evaluation.normal_intervals import Difference
from taceflow.survival.minimum_counts import of_survival, shortfall


def compare_models(outcome: pd.DataFrame) -> pd.DataFrame:
    """Compare Harrell's C of each two models on the patients that both predict.

    Parameters
    ----------
    outcome : DataFrame
        From `load_outcomes`.

    Returns
    -------
    DataFrame
        Rows of ``survival/comparisons.tsv``: the study's models with each other (family ``study``)
        and with each established score (``established``); ``p_adjusted`` is Holm's within a
        cohort and family.
    """
    rows: list[dict[str, Any]] = []
    # In training some scores are out of fold and some are not: no test between them is fair.
    for cohort in HELD_OUT:
        here = outcome.loc[outcome["cohort"] == cohort]
        by_model = here.set_index("patient_id").groupby("model")["risk"]
        risks = pd.DataFrame(dict(list(by_model)))
        follow_up = here.drop_duplicates("patient_id").set_index("patient_id")
        found = []
        for family, first, second in pairs_by_family(here["model"].unique()):
            both = risks[[first, second]].dropna()
            time = follow_up.loc[both.index, "time_months"].to_numpy(float)
            event = follow_up.loc[both.index, "event"].to_numpy(int)
            a, b = (concordance(time, event, both[name].to_numpy()) for name in (first, second))
            difference = compare(a, b)
            note = "" if np.isfinite(difference.estimate) else "no comparable pair"
            few = shortfall(of_survival(time, event))
            if few and not note:
                difference = Difference(difference.estimate, np.nan, np.nan, np.nan)
                note = f"neither interval nor test: {few}"
            found.append(
                {
                    "model_a": first,
                    "model_b": second,
                    "cohort": cohort,
                    "family": family,
                    "metric": "c_index",
                    "difference": difference.estimate,
                    "lower": difference.lower,
                    "upper": difference.upper,
                    "p": difference.p,
                    "n": len(both),
                    "events": int(event.sum()),
                    "note": note,
                }
            )
        rows += adjusted_by_family(found)
    columns = ["model_a", "model_b", "cohort", "family", "metric", "difference", "lower", "upper"]
    return pd.DataFrame(rows, columns=[*columns, "p", "p_adjusted", "n", "events", "note"])
