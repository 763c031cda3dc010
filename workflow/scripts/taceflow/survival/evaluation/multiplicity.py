"""P values that account for their number."""

from collections.abc import Sequence

import numpy as np


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
