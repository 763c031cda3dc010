"""Whether the table of patients holds enough deaths for what is asked, before images are read."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.build import assign_cohorts
from taceflow.cohort.training import training_patients
from taceflow.dlopctr.head.settings import head_settings
from taceflow.errors import CohortTooSmallError, InputError
from taceflow.radscore.training_data import check_size
from taceflow.survival.evaluation.binary_outcome import death_by
from taceflow.wording.counts import counted


def check_follow_up(patients: pd.DataFrame, source: str, *, is_fitted: bool = True) -> None:
    """Raise an `InputError` if the table leaves nobody to fit a model on, or to apply one to."""
    if patients.empty:
        raise InputError("the table has no patient", file=source, remedy="Write one row a patient")
    if not is_fitted:
        return
    followed = patients.dropna(subset=["time_months", "event"])
    if followed.empty:
        raise InputError(
            "no patient has both time_months and event",
            file=source,
            remedy="Fill in event (1: died, 0: alive at last contact) and the months from the "
            "first TACE until then (days are divided by 30.4375), or both dates",
        )
    # an empty cell is drawn, and may become training
    if "cohort" in followed and not followed["cohort"].fillna("training").eq("training").any():
        raise InputError(
            "no patient with time_months and event is of the cohort 'training'",
            file=source,
            remedy="Models are fitted on these: write training, or leave the cells to draw empty",
        )


def followed_and_died(patients: pd.DataFrame) -> tuple[int, int]:
    """Return how many patients have time and event, and how many of these died."""
    followed = patients.dropna(subset=["time_months", "event"])
    return len(followed), int(followed["event"].sum())


def too_small_for(
    config: Mapping[str, Any],
    candidates: pd.DataFrame,
    source: str,
    excluded: Mapping[str, tuple[str, str, str]],
) -> dict[str, str]:
    """Return the stages that cannot be fitted, whatever the images hold, each with the reason.

    Who is excluded later only makes the training patients fewer, and a draw of the split does not
    move: the deaths among today's candidates are the most that there can be.

    Parameters
    ----------
    config : mapping
        The checked configuration.
    candidates : pandas.DataFrame
        Patients with follow-up whom the tables exclude for no reason: ``patient_id``,
        ``time_months``, ``event`` and possibly ``cohort``.
    source : str
        The table of patients, for the message.
    excluded : mapping of str to (str, str, str)
        Stage, reason and remedy of each patient whom the tables exclude, for the message.

    Returns
    -------
    dict
        Of ``radscore`` and ``dlopctr``, empty if both can be.
    """
    split = config["split"]
    drawn = assign_cohorts(candidates, seed=split["seed"], fraction=split["validation_fraction"])
    training = training_patients(drawn)
    told = counted_reasons(excluded)
    left_out = f"; excluded by them are {told}" if told else ""
    reasons = {}
    for stage, check in (("radscore", _check_radscore), ("dlopctr", _check_network)):
        try:
            check(config[stage], training, has_validation=drawn["cohort"].eq("validation").any())
        except CohortTooSmallError as error:
            reasons[stage] = (
                f"{error} [{source}]. Counted are the patients who can still take part by the "
                f"tables, before any image is read{left_out}"
            )
    return reasons


def counted_reasons(excluded: Mapping[str, tuple[str, str, str]]) -> str:
    """Return the reasons for which patients are excluded, each with their number.

    >>> counted_reasons({"P1": ("imaging", "no arterial scan", ""), "P2": ("", "no mask", "")})
    '1 for: no arterial scan, 1 for: no mask'
    """
    counts = Counter(reason for _, reason, _ in excluded.values())
    return ", ".join(f"{count} for: {reason}" for reason, count in counts.most_common())


def _check_radscore(
    settings: Mapping[str, Any], training: pd.DataFrame, *, has_validation: bool
) -> None:
    family = settings["family"]
    if family == "published":
        return
    event = training["event"].to_numpy(float)
    horizon = settings["horizon_months"] if family == "binomial" else None
    if horizon is not None:
        event = death_by(training["time_months"].to_numpy(float), event, horizon)
        event = event[np.isfinite(event)]
    check_size(len(event), int(event.sum()), settings["folds"], family, horizon)


def _check_network(
    settings: Mapping[str, Any], training: pd.DataFrame, *, has_validation: bool
) -> None:
    n, deaths, folds = len(training), int(training["event"].sum()), settings["folds"]
    # without its fold each head has one death to learn from and one to stop on
    if min(n, deaths) < folds or deaths - math.ceil(deaths / folds) < 2:
        raise CohortTooSmallError(
            f"the survival network cannot be trained: {counted(n, 'training patient')} with "
            f"{counted(deaths, 'death')}, and {folds} folds need at least {_deaths_for(folds)}. "
            "Lower dlopctr.folds or add patients"
        )
    longest = training["time_months"].max()
    horizon = settings["horizon_months"]
    # the network's last interval ends with the whole month after the longest follow-up, at most
    if horizon is not None and horizon > math.floor(longest) + 1:
        raise CohortTooSmallError(
            f"dlopctr.horizon_months is {horizon:g}, but the longest follow-up of the training "
            f"patients {longest:g}: the network says nothing beyond. Lower it or set it to null"
        )
    if head_settings(dict(settings))["stop_on"] == "validation" and not has_validation:
        raise CohortTooSmallError(
            "dlopctr.stop_on is 'validation', but no patient is in that cohort: say 'tuning'"
        )


def _deaths_for(folds: int) -> int:
    return next(
        deaths for deaths in range(folds, folds + 4) if deaths - math.ceil(deaths / folds) >= 2
    )
