"""What a run was made with, as the report prints it: score, network and versions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from taceflow.dlopctr.head.settings import VARIED, lowest_point
from taceflow.report.documents import PrintedTable
from taceflow.report.methods_of_network import convolutions
from taceflow.report.summary import plain_table, settings_table
from taceflow.wording.printing import coefficient, p_statement


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
    return settings_table("Radscore", content)


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
    return settings_table("DLOP-CTR", content)


def grid_table(grid: pd.DataFrame, network: Mapping[str, Any]) -> PrintedTable:
    """Return the pre-experiment, and what the network took instead of its lowest loss.

    Parameters
    ----------
    grid : pandas.DataFrame
        ``dlopctr/pre_experiment.tsv``.
    network : mapping
        Content of ``dlopctr/model.json``.
    """
    table = plain_table("Pre-experiment, cross-validated by patient", grid)
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
    return settings_table("Provenance", content)


def _cut_off(model: Mapping[str, Any]) -> str:
    found = "median of the training patients"
    if model["cut_off_method"] == "log_rank":
        found = f"largest log-rank statistic, corrected {p_statement(model['cut_off_p'])}"
    return f"{coefficient(model['cut_off'])} ({found}), high risk {model['high_risk']} it"
