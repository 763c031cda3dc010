"""What each model of a run is made of, as the report prints it."""

from collections.abc import Mapping
from typing import Any

from taceflow.report.abbreviations import with_abbreviations
from taceflow.report.documents import Line, PrintedTable
from taceflow.wording.names import MODEL_NAMES, in_order, model_name, with_labels
from taceflow.wording.printing import number

_NOTES = (
    "Log hazard ratios: for one unit more of a quantity (DLOP-CTR: for a predicted survival of 1 "
    "against 0), of a level against the reference.",
    "Cut-off: on each model's risk. Cox models: the log hazard against a patient with the average "
    "of each variable, so that of the Radscore here is not on the scale of the score itself "
    "(section 4). DLOP-CTR and DLOP-Combin: 1 − the predicted survival at the horizon.",
)


def models_table(
    models: Mapping[str, Mapping[str, Any]], labels: Mapping[str, str]
) -> PrintedTable:
    """Return what each model is made of.

    Parameters
    ----------
    models : mapping
        Content of ``survival/models.json``.
    labels : mapping of str to str
        Names in print of the columns, see `names.labels_from`.
    """
    lines = []
    for name in in_order(models, MODEL_NAMES):
        model = models[name]
        weights = model.get("coefficients") or {}
        printed = {key: number(value, 3) for key, value in weights.items()}
        printed |= dict.fromkeys(model.get("unbounded", ()), "without a death")
        parts = [f"{with_labels(key, labels)} {value}" for key, value in printed.items()]
        cells = (
            model_name(name),
            str(model["n"]),
            str(model["events"]),
            "; ".join(parts) or "none",
            number(model["cut_off"], 3),
            with_labels(model.get("note") or "", labels),
        )
        lines.append(Line(cells))
    heads = ("Model", "n", "Deaths", "Log hazard ratios", "Cut-off of the risk", "Note")
    return with_abbreviations(PrintedTable("Models", heads, tuple(lines), _NOTES))
