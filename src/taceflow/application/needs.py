"""What each stored model needs of a new patient, and which models a table of patients can serve."""

from collections.abc import Collection, Mapping
from typing import Any

from taceflow.bundle.opened import OpenedModel
from taceflow.models import NETWORKS
from taceflow.scores import OWN_SCORES, SCORES
from taceflow.survival.regression.design import Term, term_from_json
from taceflow.wording.messages import listed

_NO_IMAGES = "it needs images, and these patients have a ready table of features"


def terms_of(model: OpenedModel) -> dict[str, list[Term]]:
    """Return the clinical variables of each model, scores of the study left out.

    Returns
    -------
    dict of str to list of Term
        By model, in the bundle's order.
    """
    found = {}
    for name, stored in model.models.items():
        terms = model.combin_terms if name == "dlop_combin" else stored["terms"]
        found[name] = [term_from_json(one) for one in terms if one["column"] not in OWN_SCORES]
    return found


def why_not(model: OpenedModel, columns: Collection[str], *, has_images: bool) -> dict[str, str]:
    """Return why each model predicts nobody of a table, empty where it can.

    Parameters
    ----------
    model : OpenedModel
    columns : collection of str
        Of the table of patients with the derived scores, which hold at least one value.
    has_images : bool
        Whether features come from images.

    Returns
    -------
    dict of str to str
        By model.
    """
    reasons = {}
    for name, terms in terms_of(model).items():
        absent = [term.column for term in terms if term.column not in columns]
        reasons[name] = ""
        if absent:
            told = listed([f"{one}{_derived_from(one)}" for one in absent])
            reasons[name] = f"the table of patients has no value of {told}"
        elif not has_images and _needs_images(name, model.models[name]):
            reasons[name] = _NO_IMAGES
    return reasons


def _derived_from(column: str) -> str:
    """Name the columns that would do for a score's own."""
    parts = next((one.parts for one in SCORES.values() if one.column == column), ())
    return f" (or of all of {' + '.join(parts)})" if parts else ""


def _needs_images(name: str, stored: Mapping[str, Any]) -> bool:
    return name in NETWORKS or "dlopctr" in stored["variables"]
