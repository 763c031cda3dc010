"""What a reader must know before believing a number of the run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from taceflow.dlopctr.head.settings import PRE_EXPERIMENT, VARIED, protocol_value
from taceflow.study.sources import starts_from_features
from taceflow.survival.models.clinical_variables import clinical_candidates
from taceflow.survival.regression.design import is_available
from taceflow.wording.counts import agreeing, counted

MINIMUM_EVENTS_PER_VARIABLE = 10
"""Peduzzi et al., J Clin Epidemiol 1996;49:1373-9."""

MINIMUM_VALIDATION_EVENTS = 100
"""Collins et al., Stat Med 2016;35:214-26: deaths for a reliable external validation."""


@dataclass(frozen=True)
class Banner:
    """A warning.

    Attributes
    ----------
    title : str
        A few words.
    text : str
        Full sentences.
    section : str
        The report's section whose figures it is about, where it is said again; empty if it is
        about the whole run.
    """

    title: str
    text: str
    section: str = ""


MADE_UP = Banner(
    "Made-up patients",
    "The workflow drew this cohort from a seed. Images, readings and survival are simulated with "
    "planted effects: nothing here says anything about a treatment.",
)

RANDOM_CONVOLUTIONS = Banner(
    "Random convolutions",
    "The ResNet-101 of DLOP-CTR has random weights, not those of ImageNet that the study used. Its "
    "results show that the way of the data works, not what the network can do.",
)


def banners(
    config: Mapping[str, Any],
    patients: pd.DataFrame,
    model: Mapping[str, Any],
    *,
    is_synthetic: bool,
    notes: Sequence[str],
) -> Iterator[Banner]:
    """Yield the warnings that this run deserves.

    Parameters
    ----------
    config : mapping
        The checked configuration.
    patients : pandas.DataFrame
        ``cohort``, ``event``.
    model : mapping
        The Radscore's model.
    is_synthetic : bool
        Whether the workflow made the patients itself.
    notes : sequence of str
        What is to be said of a ready table of features.
    """
    if is_synthetic:
        yield MADE_UP
    has_images = not starts_from_features(config)
    if has_images and config["dlopctr"]["backbone"] == "random":
        yield RANDOM_CONVOLUTIONS
    if config["radscore"]["family"] == "published":
        yield Banner(
            "Published coefficients",
            "The Radscore uses the coefficients of the study's Table S2 as printed. They "
            "belong to other scanners and another cohort; only the cut-off comes from these "
            "patients.",
        )
        yield _of_the_field_of_view(config["radiomics"]["scale"])
    elif not model["coefficients"]:
        yield Banner("No feature selected", model.get("note") or "Radscore is constant.")
    for note in notes:
        yield Banner("A ready table of features", note)
    if has_images:
        yield from _of_training(config["dlopctr"])
    yield from _of_size(config, patients)


def _of_the_field_of_view(scale: str | float) -> Banner:
    if scale == "volume":
        return Banner(
            "One of the five features depends on the field of view",
            "square_firstorder_Variance is scaled by the largest absolute HU of the whole volume: "
            "air of −1024 HU in one scan and metal of 3071 HU in another make it nine times "
            "smaller for the same tumour. radiomics.scale takes a fixed number of HU instead.",
        )
    return Banner(
        "One of the five features is scaled otherwise than in the study",
        f"square_firstorder_Variance is scaled by {scale:g} HU, so that it does not depend on the "
        "field of view. The published coefficient belongs to PyRadiomics' own scaling, by the "
        "largest absolute HU of the whole volume.",
    )


def _of_training(network: Mapping[str, Any]) -> Iterator[Banner]:
    if protocol_value(network, "stop_on") == "validation":
        yield Banner(
            "Training stopped on the validation cohort",
            "As in the study, the epoch at which training stops was chosen on the cohort "
            "that the results are reported on: DLOP-CTR looks better there than it is.",
        )
    if protocol_value(network, "keep_weights") == "training":
        yield Banner(
            "Weights of the lowest training loss",
            "As in the study, the weights kept are those with the lowest training loss, "
            "which favours overfitting.",
        )
    if network["backbone"] == "random" and not protocol_value(network, "standardise"):
        yield Banner(
            "Random convolutions without standardisation",
            "Their features are in the millions, and the study's learning rates are for "
            "those of ImageNet's weights: the networks' predictions mean nothing. "
            "Say dlopctr.backbone: imagenet, or dlopctr.standardise: true.",
        )
    left = [name for name in VARIED if network[name] == PRE_EXPERIMENT]
    if left:
        yield Banner(
            "Settings of the network chosen on the training patients",
            f"The pre-experiment chose {' and '.join(left).replace('_', ' ')} by the loss "
            "of the folds out of which the training patients' own predictions come: these are "
            "a little too good. Other cohorts had no say.",
        )


def _of_size(config: Mapping[str, Any], patients: pd.DataFrame) -> Iterator[Banner]:
    deaths = patients.groupby("cohort")["event"].sum()
    training = int(deaths.get("training", 0))
    listed = clinical_candidates(config["survival"]["variables"])
    candidates = sum(is_available(patients, one) for one in listed)
    needed = MINIMUM_EVENTS_PER_VARIABLE * candidates
    if training < needed:
        yield Banner(
            "Small cohort",
            f"{counted(training, 'death')} among the training patients "
            f"{agreeing(training, 'stands', 'stand')} against "
            f"{counted(candidates, 'clinical candidate')}; "
            f"{MINIMUM_EVENTS_PER_VARIABLE} deaths a variable would be {needed}. "
            "Intervals are wide and selections unstable.",
        )
    others = [name for name in ("validation", "external") if name in deaths.index]
    if not others:
        yield Banner(
            "No validation",
            "All patients are training patients: every figure of merit is of the fit.",
        )
    for name in others:
        yield from few_deaths_in(name, int(deaths[name]))


def few_deaths_in(cohort: str, deaths: int) -> Iterator[Banner]:
    """Yield a warning if a cohort's deaths do not suffice for a reliable validation.

    Parameters
    ----------
    cohort : str
    deaths : int
    """
    if deaths < MINIMUM_VALIDATION_EVENTS:
        yield Banner(
            f"Few deaths in the {cohort} cohort",
            f"{counted(deaths, 'death')}; a reliable validation of a survival model takes about "
            f"{MINIMUM_VALIDATION_EVENTS}.",
        )
