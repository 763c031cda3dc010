"""What a ready table says of its extraction, beside what the study's own panel would do."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from taceflow.errors import InputError

COLUMN = "diagnostics_Configuration_Settings"
"""Where PyRadiomics writes its settings, in both forms of names."""

DEFAULTS: dict[str, Any] = {
    "binWidth": 25,
    "binCount": None,
    "distances": [1],
    "force2D": False,
    "gldm_a": 0,
    "normalize": False,
    "removeOutliers": None,
    "resampledPixelSpacing": None,
    "resegmentRange": None,
    "symmetricalGLCM": True,
    "voxelArrayShift": 0,
    "weightingNorm": None,
}
"""PyRadiomics' defaults of the settings that change what a feature is."""


def expected_settings(setting: Mapping[str, Any], spacing_mm: Sequence[float]) -> dict[str, Any]:
    """Return the settings, keys of `DEFAULTS`, under which this study would extract features.

    Parameters
    ----------
    setting : mapping
        Of the panel.
    spacing_mm : sequence of float
        The study's grid.
    """
    return _completed({"resampledPixelSpacing": list(spacing_mm)} | dict(setting))


def settings_of(table: pd.DataFrame, ids: pd.Series, path: str) -> dict[str, Any]:
    """Return the settings that a table was extracted with, as far as it says.

    Parameters
    ----------
    table : DataFrame
        As it was read, the rows that are used.
    ids : Series of str
        Patient of each row.
    path : str
        The table's file, for messages.

    Returns
    -------
    dict
        Keys of `DEFAULTS`; empty if the table does not say.

    Raises
    ------
    InputError
        If patients were extracted with different settings.
    """
    if COLUMN not in table:
        return {}
    first: dict[str, Any] = {}
    # those of most patients first: whoever differs from them is named
    groups = sorted(ids.groupby(table[COLUMN]), key=lambda group: len(group[1]), reverse=True)
    for text, rows in groups:
        made = _parsed(str(text))
        if first and made and (apart := differences(made, first)):
            raise InputError(
                f"was extracted with other settings than other patients: {', '.join(apart)}",
                patient=rows.iloc[0],
                row=rows.index[0],
                file=path,
                remedy="Features of different settings do not compare: extract all alike, or take "
                f"out the column {COLUMN} if that was meant",
            )
        first = first or made
    return first


def differences(made: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return in which settings two extractions differ, as ``binWidth 18 instead of 25``."""
    if not made:
        return []
    return [
        f"{name} {made[name]} instead of {other[name]}"
        for name in DEFAULTS
        if made[name] != other[name]
    ]


def _parsed(text: str) -> dict[str, Any]:
    """Return the settings in PyRadiomics' text of them, empty if it is none."""
    try:
        content = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return {}
    return _completed(content) if isinstance(content, dict) else {}


def _completed(given: Mapping[str, Any]) -> dict[str, Any]:
    settings = {name: given.get(name, value) for name, value in DEFAULTS.items()}
    if settings["binCount"] is not None:
        settings["binWidth"] = None  # PyRadiomics leaves it aside
    return settings
