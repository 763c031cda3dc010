"""DICOM folders: which series there are, which one is meant, and its volume in HU."""

import re

from taceflow.errors import ExclusionError
from taceflow.imaging.series import Series, group_series, list_series
from taceflow.imaging.slices import STAGE, Slice
from taceflow.imaging.volume import load_series

__all__ = [
    "STAGE",
    "Series",
    "Slice",
    "choose_series",
    "group_series",
    "list_series",
    "load_series",
]


def choose_series(
    found: list[Series], *, patient: str, phase: str, pattern: str | None, uid: str
) -> Series:
    """Choose the series of a phase; two candidates or none exclude the patient.

    Parameters
    ----------
    found : list of Series
        From `list_series`.
    patient : str
        For the message.
    phase : str
        The phase that is looked for.
    pattern : str or None
        Regular expression on the series description; None takes any.
    uid : str
        SeriesInstanceUID from the table of scans, which wins; "" if none is given.

    Returns
    -------
    Series

    Raises
    ------
    ExclusionError
        If not exactly one series fits.
    """
    if uid:
        chosen = [series for series in found if series.uid == uid]
        sought = "with the series_uid of the table of scans"
    else:
        chosen = [
            series for series in found if pattern is None or re.search(pattern, series.description)
        ]
        sought = f"in the {phase} phase (pattern {pattern!r})"
    if len(chosen) == 1:
        return chosen[0]
    # Descriptions are free text, in which hospitals write names: numbers only.
    seen = ", ".join(f"number {one.number} of {len(one.slices)} slices" for one in found)
    raise ExclusionError(
        f"{len(chosen) or 'no'} CT series {sought} among {len(found)}: {seen or 'none'}",
        stage=STAGE,
        patient=patient,
        remedy="Set series_uid in the table of scans or imaging.phase_patterns",
    )
