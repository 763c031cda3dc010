"""Who goes into which fit, and with which embeddings. Without torch."""

from collections.abc import Sequence

import pandas as pd

from taceflow.cohort.training import is_training
from taceflow.dlopctr.dataset import Images, Inputs, load_images
from taceflow.dlopctr.head.settings import HeadSettings
from taceflow.errors import CohortTooSmallError, ConfigurationError


def images_of_fits(
    embeddings: str, tuned: Sequence[str], cohort: pd.DataFrame, fits: int, *, standardise: bool
) -> list[Images]:
    """Return all patients' images as each fit sees them.

    Parameters
    ----------
    embeddings : str
        By the frozen convolutions.
    tuned : sequence of str
        Embeddings by the last stage as it was tuned in the final fit, and in those without fold 1,
        2, ...; empty if it stays frozen.
    cohort : pandas.DataFrame
        As for `load_images`.
    fits : int
        1 and the number of folds.
    standardise : bool
        As for `load_images`.

    Returns
    -------
    list of Images
        Of the final fit, and of those without fold 1, 2, ...

    Raises
    ------
    ConfigurationError
        If there are embeddings of another number of fits.
    """
    if not tuned:
        return [load_images(embeddings, cohort, standardise=standardise)] * fits
    if len(tuned) < fits:
        raise ConfigurationError(
            f"{len(tuned)} tuned last stages for {fits} fits: delete dlopctr/tuned/ and run again"
        )
    return [load_images(path, cohort, standardise=standardise) for path in tuned[:fits]]


def sets_of_fit(
    inputs: Inputs,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    settings: HeadSettings,
    left_out: int,
) -> tuple[Images, dict[str, Images]]:
    """Return the images that a fit learns from, and those on which it is watched.

    Parameters
    ----------
    inputs : Inputs
        Of all patients.
    cohort : pandas.DataFrame
        The column cohort, in the order of the images' patients.
    folds : pandas.DataFrame
        fold and tuning, likewise.
    settings : HeadSettings
    left_out : int
        The fold that takes no part; 0 for the final fit.

    Returns
    -------
    learned : Images
    watched : dict of str to Images
        ``tuning`` and ``validation``, as far as `settings` asks for them.

    Raises
    ------
    ConfigurationError
        If training is to stop on validation patients and there are none.
    CohortTooSmallError
        If none of the patients to watch is usable.
    """
    validation = cohort["cohort"].eq("validation").to_numpy()
    tuning = folds["tuning"].to_numpy() == 1
    inside = is_training(cohort) & (folds["fold"].to_numpy() != left_out) & inputs.usable
    watched = {}
    if settings.stop_on == "validation":
        if not validation.any():
            raise ConfigurationError(
                "dlopctr.stop_on is 'validation', but no patient is in that cohort: say 'tuning'"
            )
        watched["validation"] = inputs.images.take(validation & inputs.usable)
    if settings.needs_tuning:
        watched["tuning"] = inputs.images.take(inside & tuning)
        inside &= ~tuning
    for name, images in watched.items():
        if not len(images.patients):
            raise CohortTooSmallError(
                f"none of the {name} patients of {fit_name(left_out)} has all that it takes "
                f"({int(inside.sum())} patients to learn from have): its training cannot be "
                "stopped. Fill the gaps of the clinical variables, or raise "
                "dlopctr.tuning_fraction"
            )
    return inputs.images.take(inside), watched


def fit_name(left_out: int) -> str:
    """Return the name of the fit without a fold; 0 is the final fit."""
    return f"fold{left_out}" if left_out else "final"
