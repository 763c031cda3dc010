"""Where a head starts: the scale of what goes into it, and the life table that it first says."""

import numpy as np

from taceflow.dlopctr.dataset import Images
from taceflow.survival.minimum_counts import FEWEST

_SMALLEST_SPREAD = 1e-6
_IMAGE_SPREAD = 0.4
_CLINICAL_SPREAD = 12.0
_QUARTILES_APART = 1.349
"""Of a normal distribution, in standard deviations."""


def standardisation(
    learned: Images, *, weigh: str = "patients", image_features: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Return centre and scale of each feature, from the images to learn from, of all views.

    An image's features get mean 0 and standard deviation 0.4, which is that of a feature of
    ImageNet's ResNet-101: the study's learning rates were chosen for such features, whatever the
    convolutions. (Adam's first step of 1e-3 moves the logit by about 1 through 2,048 features of
    standard deviation 1.) Clinical values are few beside them while Adam moves every weight by
    about the learning rate; they get a larger spread, such that a step moves the logit through
    all of them as far as through a part of the image's features.

    Parameters
    ----------
    learned : Images
    weigh : str
        As for `Images.weights`.
    image_features : bool
        False leaves the image's features as they are, and standardises clinical values only.

    Returns
    -------
    centre, scale : numpy.ndarray of shape (features,)
        float64.
    """
    views, _, features = learned.vectors.shape
    weights = np.tile(learned.weights(weigh), views) / views
    rows = learned.vectors.reshape(-1, features).astype(np.float64)
    centre = weights @ rows
    spread = np.sqrt(weights @ (rows - centre) ** 2)
    image = slice(features - learned.clinical)
    if learned.clinical:
        clinical = slice(features - learned.clinical, features)
        _, first = np.unique(learned.owner, return_index=True)
        values = learned.vectors[0, first, clinical].astype(np.float64)
        centre[clinical], spread[clinical] = _typical(values)
    # a feature that never fires stays at zero instead of blowing up rounding errors; a clinical
    # value may have any unit
    least = np.abs(centre)
    least[image] = np.maximum(least[image], 1.0)
    spread[spread <= _SMALLEST_SPREAD * least] = np.inf
    centre, spread = _coarse(centre, spread)
    spread[image] /= _IMAGE_SPREAD
    if not image_features:
        centre[image], spread[image] = 0.0, 1.0
    spread[features - learned.clinical :] /= _CLINICAL_SPREAD
    return centre, spread


def _typical(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return centre and spread of clinical values, shape (patients, columns), from quartiles.

    A mean would tell an outlier, and that of a level its patients' number: 0 and 1/2 for levels.
    """
    lower, centre, upper = np.quantile(values, [0.25, 0.5, 0.75], axis=0)
    spread = (upper - lower) / _QUARTILES_APART
    spread = np.where(spread > 0, spread, values.std(axis=0))
    is_level = np.isin(values, (0.0, 1.0)).all(axis=0) & (np.ptp(values, axis=0) > 0)
    return np.where(is_level, 0.0, centre), np.where(is_level, 0.5, spread)


def _coarse(centre: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return centres and spreads in steps of a half to a twentieth of the spread.

    Exact means of two networks, one of them without a patient, would tell this patient's embedding.
    """
    known = np.isfinite(spread)
    step = np.ones_like(spread)
    step[known] = 10 ** np.floor(np.log10(spread[known]) - 0.3)
    coarse = np.where(known, np.round(spread / step) * step, np.inf)
    return np.where(known, np.round(centre / step) * step, 0.0), coarse


def life_table_logits(survived: np.ndarray, failed: np.ndarray) -> np.ndarray:
    """Return the log odds to survive each interval, the same for everybody.

    Intervals are taken together until five have failed: a head starts here, and may end near here,
    where the odds of an interval would tell its single deaths.

    Parameters
    ----------
    survived, failed : numpy.ndarray of shape (patients, intervals)
        From `survival_targets`.

    Returns
    -------
    numpy.ndarray of shape (intervals,)
        Half a patient more on either side keeps them finite.
    """
    group = np.zeros(survived.shape[1], dtype=int)
    so_far = 0.0
    for interval, deaths in enumerate(failed.sum(axis=0)):
        group[interval:] = group[interval] + (so_far >= FEWEST)
        so_far = deaths + (so_far if so_far < FEWEST else 0.0)
    if so_far < FEWEST:
        group[group == group[-1]] = max(0, group[-1] - 1)
    passed, died = (np.bincount(group, each.sum(axis=0)) for each in (survived, failed))
    return np.log((passed + 0.5) / (died + 0.5))[group]
