"""ComBat: features of several scanners brought to one location and scale, fit and use apart.

Parametric empirical Bayes after Johnson et al., Biostatistics 2007;8:118-27, as Fortin et al.,
NeuroImage 2018;167:104-20, use it for images. Without covariates: the outcome must not enter, and
what a handful of patients of one scanner say of a covariate is noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from taceflow.errors import ConvergenceError

TOLERANCE = 1e-10
"""Largest relative step at which the posterior means stand; sva's ComBat stops at 1e-4."""

MOST_STEPS = 10_000

ROUNDING = 1e-10
"""Relative to the largest value: a batch that varies less is constant, as for `icc.tsv`."""


@dataclass(frozen=True)
class Combat:
    """What harmonises p features of the patients of b batches.

    A value of a batch becomes ``(value - location) / scale + centre``.

    Attributes
    ----------
    batches : tuple of str
        Those that the fit has seen; patients of others are left as they are.
    centre : ndarray, shape (p,)
        Mean of all patients.
    location : ndarray, shape (b, p)
        Where the batch lies: its mean, drawn towards what its other features say.
    scale : ndarray, shape (b, p)
        Its standard deviation in units of the pooled one, drawn likewise.
    adjusted : ndarray of bool, shape (p,)
        False for features that a batch does not tell apart: they are left as they are.
    """

    batches: tuple[str, ...]
    centre: np.ndarray
    location: np.ndarray
    scale: np.ndarray
    adjusted: np.ndarray

    def apply(self, values: np.ndarray, batch: Sequence[str | None]) -> np.ndarray:
        """Return harmonised features, each patient's from his own alone.

        Parameters
        ----------
        values : ndarray, shape (n, p)
            Missing values stay missing.
        batch : sequence of str or None, length n

        Returns
        -------
        ndarray, shape (n, p)
            A copy.
        """
        found = np.array(values, dtype=float)
        batch = np.asarray(batch, dtype=object)
        for name, location, scale in zip(self.batches, self.location, self.scale, strict=True):
            rows = np.ix_(batch == name, self.adjusted)
            moved = (found[rows] - location[self.adjusted]) / scale[self.adjusted]
            found[rows] = moved + self.centre[self.adjusted]
        return found


@dataclass(frozen=True)
class Unharmonised:
    """Features before harmonisation, for whoever fits on a part of the patients.

    Attributes
    ----------
    values : ndarray, shape (n, p)
    batch : ndarray of str, shape (n,)
    """

    values: np.ndarray
    batch: np.ndarray

    def seen_by(self, rows: np.ndarray) -> np.ndarray:
        """Return the features of all n patients, harmonised by what these rows alone tell."""
        return fit_combat(self.values[rows], self.batch[rows]).apply(self.values, self.batch)

    def take(self, rows: np.ndarray) -> "Unharmonised":
        """Return these rows, in their order and as often as they stand there."""
        return Unharmonised(self.values[rows], self.batch[rows])


def fit_combat(
    values: np.ndarray, batch: Sequence[str | None], *, is_exact: bool = False
) -> Combat:
    """Estimate where each batch lies and how far it spreads.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Features of the patients to learn from, all finite.
    batch : sequence of str or None, length n
        Their batches. One in which no two patients differ is not seen, and if fewer than two are
        seen, none is.
    is_exact : bool
        Otherwise each number is in steps of 0.4 to 1 of its own standard error, so that two models
        do not tell the patient in whom they differ.

    Returns
    -------
    Combat

    Raises
    ------
    ConvergenceError
        If the posterior means do not settle.

    Notes
    -----
    A feature that is constant in one of the batches is left alone, as in R's sva. Where the
    features' estimates do not differ (a single feature, or copies of one), there is nothing that
    they could be drawn towards, and they are taken as they are.
    """
    values = np.asarray(values, dtype=float)
    batch = np.asarray(batch, dtype=object)
    p = values.shape[1]
    groups = {str(name): values[batch == name] for name in sorted(set(batch) - {None})}
    varies = {name: _varies(rows) for name, rows in groups.items()}
    groups = {name: rows for name, rows in groups.items() if varies[name].any()}
    adjusted = np.all([varies[name] for name in groups], axis=0) if len(groups) > 1 else np.array(0)
    if not adjusted.any():
        return Combat((), np.zeros(p), np.zeros((0, p)), np.ones((0, p)), np.zeros(p, bool))
    counts = np.array([len(rows) for rows in groups.values()])
    parts = [rows[:, adjusted] for rows in groups.values()]
    means = np.array([part.mean(axis=0) for part in parts])
    centre = counts @ means / counts.sum()
    squares = np.array(
        [((part - mean) ** 2).sum(axis=0) for part, mean in zip(parts, means, strict=True)]
    )
    spread = np.sqrt(squares.sum(axis=0) / counts.sum())
    shift = (means - centre) / spread
    variance = squares / spread**2 / (counts - 1)[:, None]
    posterior = [_posterior(*of_batch) for of_batch in zip(counts, shift, variance, strict=True)]
    location = centre + spread * np.array([mean for mean, _ in posterior])
    scale = np.sqrt([squared for _, squared in posterior])
    if not is_exact:
        error = scale / np.sqrt(counts)[:, None]
        location = _rounded(location, spread * error)
        scale = _rounded(scale, error / np.sqrt(2))
        centre = _rounded(centre, spread / np.sqrt(counts.sum()))
    return Combat(
        tuple(groups),
        _placed(centre, adjusted, 0.0),
        _placed(location, adjusted, 0.0),
        _placed(scale, adjusted, 1.0),
        adjusted,
    )


def _varies(rows: np.ndarray) -> np.ndarray:
    """Return which features two patients of a batch differ in."""
    return np.ptp(rows, axis=0) > ROUNDING * np.abs(rows).max(axis=0)


def _posterior(n: int, shift: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return posterior means of shift and variance of a batch of n patients, each of shape (p,).

    The shifts of all features have a normal prior, the variances an inverse gamma one, both with
    the moments of the estimates themselves.
    """
    of_shifts = shift.var(ddof=1) if len(shift) > 1 else 0.0
    of_variances = variance.var(ddof=1) if len(shift) > 1 else 0.0
    mean = variance.mean()
    if min(of_shifts, of_variances / mean**2) <= ROUNDING:
        return shift, variance
    shape = 2 + mean**2 / of_variances
    rate = mean * (shape - 1)
    squares = (n - 1) * variance
    found, spread = shift, variance
    for _ in range(MOST_STEPS):
        before = found, spread
        found = (of_shifts * n * shift + spread * shift.mean()) / (of_shifts * n + spread)
        spread = (rate + (squares + n * (shift - found) ** 2) / 2) / (shape + n / 2 - 1)
        moved = max(np.abs(found - before[0]).max(), np.abs(spread / before[1] - 1).max())
        if moved < TOLERANCE:
            return found, spread
    raise ConvergenceError("ComBat's estimates of a batch do not settle")


def _rounded(values: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return values in steps of 1, 2 or 5 times a power of ten, the largest not above `error`."""
    power = np.floor(np.log10(error))
    lead = error / 10.0**power
    lead = np.select([lead >= 5, lead >= 2], [5.0, 2.0], 1.0)
    tens = 10.0 ** np.abs(power)
    whole = np.round(values / (lead * 10.0**power)) * lead
    # a division by a power of ten leaves the shortest number, a product with 0.1 may not
    return np.where(power < 0, whole / tens, whole * tens)


def _placed(found: np.ndarray, adjusted: np.ndarray, otherwise: float) -> np.ndarray:
    """Return what was found of the adjusted features among all features."""
    placed = np.full((*found.shape[:-1], len(adjusted)), otherwise)
    placed[..., adjusted] = found
    return placed
