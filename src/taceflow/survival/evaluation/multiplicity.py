"""P values that account for their number, and which tests belong together."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np

from taceflow.scores import SCORES

FAMILIES = ("study", "established")
"""Tests of the study's models with each other, and of each with the established scores."""


def pairs_by_family(models: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield family, first and second model of each test.

    Established scores are not tested against each other: that is no question of the study, and
    would make each answer cost more.

    Parameters
    ----------
    models : sequence of str
        The models that there are.
    """
    study = [name for name in models if name not in SCORES]
    for first, second in combinations(study, 2):
        yield "study", first, second
    for first, second in product(study, [name for name in models if name in SCORES]):
        yield "established", first, second


def adjusted_by_family(tests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of tests with ``p_adjusted``, Holm's within each family.

    Parameters
    ----------
    tests : sequence of dict
        Of one cohort, with ``family`` and, where there is one, ``p``.

    Returns
    -------
    list of dict
        One family after the other.
    """
    rows = []
    for family in FAMILIES:
        members = [row for row in tests if row["family"] == family]
        adjusted = holm([row.get("p", np.nan) for row in members])
        rows += [row | {"p_adjusted": p} for row, p in zip(members, adjusted, strict=True)]
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
