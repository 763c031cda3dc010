"""Which tests between models belong together, and p values that account for their number."""

from collections.abc import Callable, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.training import HELD_OUT
from taceflow.scores import SCORES


def paired_tests(
    outcome: pd.DataFrame, test: Callable[[pd.DataFrame, str, str, str], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Test models against each other on the patients that both predict, outside training.

    The study's models are tested with each other (family ``study``), and each with the established
    scores (``established``). These are not tested against each other: that is no question of the
    study, and would make each answer cost more.

    Parameters
    ----------
    outcome : DataFrame
        From `load_outcomes`.
    test : callable
        From the patients, with a column of risks a model, cohort, first and second model to a row;
        its ``p``, if there is one, is what is adjusted.

    Returns
    -------
    list of dict
        The rows with ``cohort``, ``family`` and ``p_adjusted``, Holm's within both.
    """
    rows = []
    # In training some scores are out of fold and some are not: no test between them is fair.
    for cohort in HELD_OUT:
        here = outcome.loc[outcome["cohort"] == cohort]
        risks = pd.DataFrame(dict(list(here.set_index("patient_id").groupby("model")["risk"])))
        patients = here.drop_duplicates("patient_id").set_index("patient_id")
        models = here["model"].unique()
        study = [name for name in models if name not in SCORES]
        established = [name for name in models if name in SCORES]
        for family, pairs in (
            ("study", combinations(study, 2)),
            ("established", product(study, established)),
        ):
            found = []
            for first, second in pairs:
                both = risks[[first, second]].dropna()
                both = both.join(patients.drop(columns=["model", "risk"]))
                found.append(
                    {"cohort": cohort, "family": family, **test(both, cohort, first, second)}
                )
            adjusted = holm([row.get("p", np.nan) for row in found])
            rows += [row | {"p_adjusted": p} for row, p in zip(found, adjusted, strict=True)]
    return rows


def holm(p: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p values, as R's ``p.adjust(method = "holm")``; NaN is passed over.

    Parameters
    ----------
    p : sequence of float
        Raw p values.

    Returns
    -------
    list of float
        In the same order.
    """
    raw = np.asarray(p, dtype=float)
    adjusted = np.full(len(raw), np.nan)
    known = np.flatnonzero(np.isfinite(raw))
    order = known[np.argsort(raw[known], kind="stable")]
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(raw[order] * factors))
    return adjusted.tolist()
