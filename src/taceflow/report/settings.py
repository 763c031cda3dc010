"""What a run was made with, as the report prints it: score, models, network and versions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from taceflow.dlopctr.head.settings import VARIED, lowest_point
from taceflow.report.abbreviations import with_abbreviations
from taceflow.report.methods_of_network import convolutions
from taceflow.wording.names import MODEL_NAMES, in_order, model_name, with_labels
from taceflow.wording.printed_table import Line, PrintedTable
from taceflow.wording.printing import coefficient, number, p_statement

_RATIOS = "Log hazard ratios: for one unit more of a quantity%s, of a level against the reference."
_CUT_OFF = (
    "Cut-off: on each model's risk. Cox models: the log hazard against a patient with the average "
    "of each variable, so that of the Radscore here is not on the scale of the score itself "
    "(section Radscore)."
)
_OF_NETWORK = (
    " (DLOP-CTR: for a predicted survival of 1 against 0)",
    " DLOP-CTR and DLOP-Combin: 1 − the predicted survival at the horizon.",
)


def radscore_settings(model: Mapping[str, Any]) -> PrintedTable:
    """Return what the Radscore was fitted with."""
    content = {
        "Family": model["family"],
        "Penalty": model["choose"] or "none",
        "λ": coefficient(model["lambda"]) if model["lambda"] is not None else "none",
        "Candidates": model["candidates"],
        "Features selected": len(model["coefficients"]),
        "Training patients (deaths)": f"{model['n']} ({model['events']})",
        "Cut-off, on the scale of the Radscore": _cut_off(model),
    }
    return _settings_table("Radscore", content)


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
    of_ratios, of_cut_off = _OF_NETWORK if "dlopctr" in models else ("", "")
    notes = (_RATIOS % of_ratios, _CUT_OFF + of_cut_off)
    return with_abbreviations(PrintedTable("Models", heads, tuple(lines), notes))


def network_settings(network: Mapping[str, Any], backbone: Mapping[str, Any]) -> PrintedTable:
    """Return what DLOP-CTR was trained with.

    Parameters
    ----------
    network, backbone : mapping
        Content of ``dlopctr/model.json`` and ``dlopctr/backbone.json``.
    """
    settings = network["settings"]
    kept = [epoch for name, epoch in network["kept_epochs"].items() if name.endswith(".final")]
    content = {
        "Convolutions": convolutions(backbone),
        "SHA-256 of the weights": backbone["sha256"],
        "Training patients (deaths)": f"{network['n']} ({network['events']})",
        "Images": network.get("images", ""),
        "Intervals": len(network["breaks_months"]) - 1,
        "Breaks, months": ", ".join(f"{value:.1f}" for value in network["breaks_months"]),
        "Horizon of DLOP-CTR, months": f"{network['horizon_months']:.1f}",
        "Protocol, head, seeds": "{protocol}, {head}, {seeds}".format(**settings),
        "Stopping on": settings["stop_on"],
        "Weights kept by": f"lowest {settings['keep_weights']} loss",
        "Epoch kept, each seed": ", ".join(map(str, kept)),
    }
    return _settings_table("DLOP-CTR", content)


def grid_table(grid: pd.DataFrame, network: Mapping[str, Any]) -> PrintedTable:
    """Return the pre-experiment, and what the network took instead of its lowest loss.

    Parameters
    ----------
    grid : pandas.DataFrame
        ``dlopctr/pre_experiment.tsv``.
    network : mapping
        Content of ``dlopctr/model.json``.
    """
    table = _plain_table("Pre-experiment, cross-validated by patient", grid)
    lowest, used = lowest_point(grid), network["settings"]
    if all(lowest[name] == used[name] for name in VARIED):
        return table
    best, taken = (
        ", ".join(f"{name.replace('_', ' ')} {point[name]:g}" for name in VARIED)
        for point in (lowest, used)
    )
    note = (
        f"The loss is lowest at {best}. The network was trained with {taken}: the pre-experiment "
        'chooses only what the configuration leaves to it ("pre_experiment" in place of a number).'
    )
    return replace(table, notes=(note,))


def provenance_settings(provenance: Mapping[str, Any]) -> PrintedTable:
    """Return the run's inputs, code and versions."""
    content = {
        "Run": provenance["run"],
        "taceflow": provenance["taceflow"],
        "Patients (deaths)": f"{provenance['n']} ({provenance['events']})",
        "SHA-256 of the configuration": provenance["configuration_sha256"],
        "SHA-256 of the workflow's code": provenance["code_sha256"],
        "Python": provenance["python"],
        "Platform": provenance["platform"],
        **provenance["packages"],
    }
    return _settings_table("Provenance", content)


def _settings_table(title: str, content: Mapping[str, object]) -> PrintedTable:
    """Return names and values as a table of two columns."""
    lines = tuple(Line((str(name), str(value))) for name, value in content.items())
    return PrintedTable(title, ("", ""), lines)


def _plain_table(title: str, frame: pd.DataFrame) -> PrintedTable:
    """Return a table of numbers as it stands, four significant digits."""

    def text(value: object) -> str:
        if value != value or value is None:
            return ""
        return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)

    lines = tuple(
        Line(tuple(text(value) for value in row)) for row in frame.itertuples(index=False)
    )
    heads = tuple(str(name).replace("_", " ") for name in frame.columns)
    return PrintedTable(title, heads, lines)


def _cut_off(model: Mapping[str, Any]) -> str:
    found = "median of the training patients"
    if model["cut_off_method"] == "log_rank":
        found = f"largest log-rank statistic, corrected {p_statement(model['cut_off_p'])}"
    return f"{coefficient(model['cut_off'])} ({found}), high risk {model['high_risk']} it"
