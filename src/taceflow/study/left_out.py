"""The figures and models that a configuration and sheet can give, and why others are left out."""

from typing import Any

from taceflow.models import CLINICAL_COX, MODELS
from taceflow.scores import SCORES
from taceflow.study.figures import FIGURE_FILES, FIGURES, Figure
from taceflow.study.sources import starts_from_features
from taceflow.wording.messages import listed

_NO_IMAGES = "made from images, and this run starts from a ready table of features"


def figures(config: dict[str, Any], columns: frozenset[str]) -> list[str]:
    """Return the names of the figures that this configuration and sheet can give.

    Parameters
    ----------
    config : dict
        The checked configuration.
    columns : frozenset of str
        Columns of the table of patients that hold values.

    Returns
    -------
    list of str
    """
    found = models(config)
    return [
        name
        for name, (figure, model) in FIGURE_FILES.items()
        if not _why_not(figure, config, columns) and (not model or model in found)
    ]


def left_out(config: dict[str, Any], columns: frozenset[str]) -> dict[str, str]:
    """Return the figures and models that a run cannot give, each with its reason.

    Parameters
    ----------
    config, columns
        As for `figures`.

    Returns
    -------
    dict
        ``{title: reason}``.
    """
    reasons = {}
    if starts_from_features(config):
        lost = [model.label for name, model in MODELS.items() if name not in models(config)]
        reasons = dict.fromkeys([*lost, "Pictures of images and masks"], _NO_IMAGES)
    for figure in FIGURES.values():
        if reason := _why_not(figure, config, columns):
            reasons[figure.title] = reason
    return reasons


def _why_not(figure: Figure, config: dict[str, Any], columns: frozenset[str]) -> str:
    """Return why a run cannot give a figure, nothing if it can."""
    if figure.needs == "images" and starts_from_features(config):
        return _NO_IMAGES
    if figure.needs == "lasso" and config["radscore"]["family"] == "published":
        return "the Radscore's coefficients are the published ones: no LASSO was fitted"
    scores = [SCORES[name] for name in figure.needs_scores]
    if not scores or any(score.is_known_from(columns) for score in scores):
        return ""
    if len(scores) == 1:
        (score,) = scores
        return (
            f"the table of patients has neither {score.column} nor {listed(score.parts)} to "
            "derive it from"
        )
    return (
        f"the table of patients has no column that any of "
        f"{listed([score.label for score in scores])} could be taken or derived from"
    )


def models(config: dict[str, Any]) -> list[str]:
    """Return the names of the models that a configuration can give."""
    has_images = not starts_from_features(config)
    return [name for name, model in MODELS.items() if has_images or not model.needs_images]


def final_cox_model(config: dict[str, Any]) -> str:
    """Return the name of the last Cox model with clinical variables that the run has."""
    return [name for name in models(config) if name in CLINICAL_COX][-1]
