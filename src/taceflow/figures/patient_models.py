"""What the models say of one new patient, as figures take it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from taceflow.wording.printing import EN_DASH

MOST_HORIZONS = 5
"""For which a drawing has room."""

HEAD_MM = 14.0
"""Height of the titles and keys above survival and scores, side by side."""


@dataclass(frozen=True, kw_only=True)
class ModelSays:
    """What one model says of the patient.

    Attributes
    ----------
    label : str
        Name in print.
    is_network : bool
        Whether it is a network: its survival has no interval.
    risk : float
        Higher is worse.
    risk_group : {'low', 'high'}
    survival : tuple of (float, float, float)
        Estimate, lower and upper limit at each horizon, NaN where there is none.
    cut_off : float
        Above it is high risk.
    quantiles : mapping of str to float
        ``q025`` to ``q975`` of the training patients' risk, NaN where it is not told.
    groups : mapping of str to mapping
        Of ``low`` and ``high``: ``n``, and by horizon the training patients' survival (estimate,
        lower, upper).
    merit : str
        Harrell's C of patients on whom it was not fitted; empty if that is not told.
    """

    label: str
    is_network: bool
    risk: float
    risk_group: str
    survival: tuple[tuple[float, float, float], ...]
    cut_off: float
    quantiles: Mapping[str, float]
    groups: Mapping[str, Any]
    merit: str = ""

    @property
    def has_interval(self) -> bool:
        """Whether any survival has one."""
        return any(math.isfinite(lower) for _, lower, _ in self.survival)


@dataclass(frozen=True)
class Predictions:
    """What all models say of the patient.

    Attributes
    ----------
    horizons_months : tuple of float
    models : tuple of ModelSays
        Those that predict the patient; the first is drawn large.
    cohort : str
        Whose C `ModelSays.merit` is; empty if none is told.
    """

    horizons_months: tuple[float, ...]
    models: tuple[ModelSays, ...]
    cohort: str = ""

    @property
    def has_interval(self) -> bool:
        """Whether any model's survival has one."""
        return any(model.has_interval for model in self.models)

    def thinned(self) -> "Predictions":
        """Return the predictions at five horizons at most, the first and the last among them."""
        last = len(self.horizons_months) - 1
        if last < MOST_HORIZONS:
            return self
        places = [round(last * step / (MOST_HORIZONS - 1)) for step in range(MOST_HORIZONS)]
        survival = [tuple(model.survival[at] for at in places) for model in self.models]
        models = tuple(
            replace(model, survival=said) for model, said in zip(self.models, survival, strict=True)
        )
        months = tuple(self.horizons_months[at] for at in places)
        return replace(self, horizons_months=months, models=models)


def percent(survival: float) -> str:
    """Return a survival in print; a dash where it is not told."""
    return f"{100 * survival:.0f}%" if math.isfinite(survival) else EN_DASH


def interval(lower: float, upper: float) -> str:
    """Return the interval of a survival in print, without the sign of per cent."""
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return EN_DASH
    return f"{100 * lower:.0f}{EN_DASH}{100 * upper:.0f}"


def survival_text(survival: tuple[float, float, float]) -> str:
    """Return a survival in print with its interval, if it has one.

    >>> survival_text((0.784, 0.64, 0.871)), survival_text((0.784, math.nan, math.nan))
    ('78% (64–87)', '78%')
    """
    estimate, *limits = survival
    told = interval(*limits)
    return percent(estimate) + (f" ({told})" if told != EN_DASH else "")
