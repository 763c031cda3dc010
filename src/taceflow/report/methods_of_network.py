"""How a run's network was made and trained, in sentences that follow its configuration."""

from collections.abc import Mapping
from typing import Any

from taceflow.dlopctr.head.settings import protocol_value
from taceflow.wording.counts import counted

Config = Mapping[str, Any]


def network(section: Config, described: Mapping[str, Mapping[str, Any]]) -> str:
    """Return how DLOP-CTR was trained."""
    settings = described["network"]["settings"]
    heads = int(settings["seeds"])
    chosen = ", ".join(
        f"{name.replace('_', ' ')} {settings[name]:g}"
        for name in ("learning_rate", "batch_size", "dropout", "weight_decay")
    )
    last = described["network"]["horizon_months"]
    works = "resnet, imagenet" if described["backbone"]["source"] == "imagenet" else "resnet"
    return (
        f"DLOP-CTR: {convolutions(described['backbone'])} [@{works}], "
        f"{counted(section['slices'], 'axial slice')} a patient, {_views(section)}; "
        f"{head(section)}, nnet-survival loss "
        f"[@nnet_survival] in which {_weigh(section)}; {standardisation(section)}. Adam [@adam] "
        f"({chosen}), at most {counted(section['epochs'], 'epoch')}; stopped when the loss of "
        f"{_stop(section)} had not fallen for {counted(section['stopping_epochs'], 'epoch')}; "
        f"weights of the lowest {protocol_value(section, 'keep_weights')} loss. "
        f"{spread_of_seeds(heads)}. A patient's curve is the mean of the slices'; the score is "
        f"survival at {last:g} months, higher is better. Training patients are predicted out of "
        f"fold ({section['folds']} folds)."
    )


def convolutions(backbone: Config) -> str:
    """Return what the network's convolutions are."""
    return f"ResNet-101 ({backbone['source']} weights), frozen"


def head(section: Config) -> str:
    """Return what the head gives."""
    if section["head"] == "proportional_hazards":
        return "a head with one score an image (proportional hazards)"
    return "a head with one output a time interval"


def spread_of_seeds(heads: int) -> str:
    """Return how far the random seed can be seen."""
    if heads == 1:
        return "One head a fit: how far it depends on its random seed is not known"
    return f"{heads} heads a fit, alike but for their random seed; their mean is the score"


def stops_on_validation(section: Config) -> bool:
    """Say whether training stops on the cohort that is reported on, as the study's did."""
    return protocol_value(section, "stop_on") == "validation"


def _views(section: Config) -> str:
    views = protocol_value(section, "views")
    return "without augmentation" if views == 1 else f"{views} views of each, all but one augmented"


def _weigh(section: Config) -> str:
    if protocol_value(section, "weigh") == "patients":
        return "every patient weighs the same"
    return "every image weighs the same"


def standardisation(section: Config) -> str:
    """Return whether embeddings are standardised."""
    if protocol_value(section, "standardise"):
        return "embeddings are standardised by the patients to learn from"
    return "embeddings are not standardised"


def _stop(section: Config) -> str:
    if stops_on_validation(section):
        return "the validation cohort"
    return f"a tuning split ({100 * section['tuning_fraction']:g}% of the patients to learn from)"
