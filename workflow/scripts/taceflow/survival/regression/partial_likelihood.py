"""The partial likelihood of Cox's model with its derivatives."""

from typing import Literal

import numpy as np

Ties = Literal["efron", "breslow"]


class PartialLikelihood:
    """Partial likelihood with its derivatives, each death a term (Efron 1977, JASA 72:557).

    The l-th of d tied deaths sees the risk set less l/d of those d (Breslow: less nothing).
    """

    def __init__(self, time: np.ndarray, event: np.ndarray, design: np.ndarray, ties: Ties) -> None:
        order = np.argsort(time, kind="stable")
        self._design = design[order]
        died = event[order]
        time = time[order]
        self._deaths = np.flatnonzero(died)
        self._times, self._group, counts = np.unique(
            time[died], return_inverse=True, return_counts=True
        )
        self._first = np.searchsorted(time, self._times)
        position = np.arange(len(self._deaths)) - np.repeat(np.cumsum(counts) - counts, counts)
        self._share = position / np.repeat(counts, counts) if ties == "efron" else 0.0 * position

    def __call__(self, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return log likelihood, score and information at `beta`."""
        value, residuals, variances = self._terms(beta)
        return value, residuals.sum(axis=0), variances.sum(axis=0)

    def by_death(self, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return what each death adds at `beta`, in the order of time.

        Returns
        -------
        times : ndarray, shape (d,)
            Of the deaths.
        residuals : ndarray, shape (d, p)
            Schoenfeld's; those of tied deaths sum to R's.
        variances : ndarray, shape (d, p, p)
            Of the covariates among those at risk.
        """
        _, residuals, variances = self._terms(beta)
        return self._times[self._group], residuals, variances

    # Far out the weights underflow: the caller sees that nothing finite is left, and names it.
    @np.errstate(divide="ignore", invalid="ignore")
    def _terms(self, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        x, deaths = self._design, self._deaths
        predictor = x @ beta
        shift = predictor.max(initial=0.0)
        weight = np.exp(predictor - shift)
        zeroth = self._denominators(weight)
        outer = weight[:, None, None] * x[:, :, None] * x[:, None, :]
        # after too long a step the weights of a risk set round to 0: whoever took it halves it
        with np.errstate(divide="ignore", invalid="ignore"):
            first = self._denominators(weight[:, None] * x) / zeroth[:, None]
            second = self._denominators(outer) / zeroth[:, None, None]
            value = float(np.sum(predictor[deaths] - shift - np.log(zeroth)))
        return value, x[deaths] - first, second - first[:, :, None] * first[:, None, :]

    def hazard_steps(self, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return times of death and the increments of the baseline hazard there."""
        steps = 1.0 / self._denominators(np.exp(self._design @ beta))
        return self._times, np.bincount(self._group, weights=steps, minlength=len(self._times))

    def _denominators(self, values: np.ndarray) -> np.ndarray:
        """Sum over the risk set of each death, less its share of those that die with it."""
        at_risk = np.cumsum(values[::-1], axis=0)[::-1][self._first]
        dying = np.zeros_like(at_risk)
        np.add.at(dying, self._group, values[self._deaths])
        share = self._share.reshape(-1, *[1] * (values.ndim - 1))
        return at_risk[self._group] - share * dying[self._group]
