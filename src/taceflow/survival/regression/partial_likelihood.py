"""The partial likelihood of Cox's model with its derivatives."""

import numpy as np

REACH = 300.0
"""Logarithm of the range within which exponentials are summed: beyond 745 they are 0."""


class PartialLikelihood:
    """Partial likelihood with its derivatives, each death a term (Efron 1977, JASA 72:557).

    The l-th of d tied deaths sees the risk set less l/d of those d.
    """

    def __init__(self, time: np.ndarray, event: np.ndarray, design: np.ndarray) -> None:
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
        self._share = position / np.repeat(counts, counts)

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

    # After too long a step nothing may be finite: whoever took it sees that, and halves it.
    @np.errstate(divide="ignore", invalid="ignore", over="ignore")
    def _terms(self, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        x, deaths = self._design, self._deaths
        predictor, shift, weight = self._weights(beta)
        zeroth = self._denominators(weight, shift)
        outer = weight[:, None, None] * x[:, :, None] * x[:, None, :]
        first = self._denominators(weight[:, None] * x, shift) / zeroth[:, None]
        second = self._denominators(outer, shift) / zeroth[:, None, None]
        value = float(np.sum(predictor[deaths] - self._of_death(shift) - np.log(zeroth)))
        return value, x[deaths] - first, second - first[:, :, None] * first[:, None, :]

    def baseline(self, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the cumulative baseline hazard H, and what says how well it is known.

        Returns
        -------
        times : ndarray, shape (m,)
            Of death.
        log_hazard : ndarray, shape (m,)
            Logarithm of H up to them.
        relative_variance : ndarray, shape (m,)
            Sum of its squared steps, over H squared: 1 / d after d equal ones.
        mean_at_risk : ndarray, shape (m, p)
            Mean of the covariates among those at risk at each step, weighted by the steps.
        """
        _, shift, weight = self._weights(beta)
        zeroth = self._denominators(weight, shift)
        steps = -self._of_death(shift) - np.log(zeroth)
        log_hazard = np.logaddexp.accumulate(steps)
        squares = np.logaddexp.accumulate(2 * steps)
        # Sums of logarithms, which need a sign: of what the means are above their least.
        mean = self._denominators(weight[:, None] * self._design, shift) / zeroth[:, None]
        least = mean.min(axis=0)
        with np.errstate(divide="ignore"):
            above = steps[:, None] + np.log(mean - least)
        above = np.exp(np.logaddexp.accumulate(above, axis=0) - log_hazard[:, None])
        # deaths stand in the order of time: the last of a time has all of it
        last = np.flatnonzero(np.diff(self._group, append=len(self._times)))
        relative = np.exp(squares - 2 * log_hazard)
        return self._times, log_hazard[last], relative[last], (least + above)[last]

    def _weights(self, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return predictors, what is taken off each before its exponential, and that.

        The same is taken off all, unless the largest predictor among those at risk falls by more
        than `REACH` with time, and their exponentials would be 0 beside those of the dead: then
        each run of patients, in the order of time, has its own.
        """
        predictor = self._design @ beta
        largest = np.maximum.accumulate(predictor[::-1])[::-1]
        level = np.floor((largest - largest[-1]) / REACH)
        start = np.flatnonzero(np.diff(level, prepend=np.inf))
        shift = np.repeat(largest[start], np.diff(start, append=len(predictor)))
        return predictor, shift, np.exp(predictor - shift)

    def _of_death(self, values: np.ndarray) -> np.ndarray:
        """Return what stands at the beginning of each death's risk set."""
        return values[self._first][self._group]

    def _denominators(self, values: np.ndarray, shift: np.ndarray) -> np.ndarray:
        """Sum over the risk set of each death, less its share of those that die with it.

        Relative to the exponential of what is taken off at the beginning of the risk set.
        """
        at_risk = np.empty_like(values)
        start = np.flatnonzero(np.diff(shift, prepend=np.inf))
        later: np.ndarray | float = 0.0
        for begin, end in zip(start[::-1], [*start[1:], len(values)][::-1], strict=True):
            at_risk[begin:end] = np.cumsum(values[begin:end][::-1], axis=0)[::-1] + later
            if begin:
                later = at_risk[begin] * np.exp(shift[begin] - shift[begin - 1])
        dying = np.zeros((len(self._times), *values.shape[1:]))
        trailing = [1] * (values.ndim - 1)
        scale = np.exp(shift[self._deaths] - self._of_death(shift)).reshape(-1, *trailing)
        np.add.at(dying, self._group, values[self._deaths] * scale)
        share = self._share.reshape(-1, *trailing)
        return self._of_death(at_risk) - share * dying[self._group]
