"""The columns of a feature table, asserted wherever one is written or gathered."""

import math
from collections.abc import Mapping, Sequence

from taceflow.errors import InputError
from taceflow.radiomics.mask_boxes import REMEDY
from taceflow.radiomics.panel import Panel
from taceflow.wording.counts import agreeing, counted

VERSION = "diagnostics_Versions_PyRadiomics"
"""The column that tells what computed the features."""


def check_columns(found: Sequence[str], panel: Panel, patient: str, file: str) -> None:
    """Assert that a patient's table holds exactly a panel's features, in its order.

    Parameters
    ----------
    found : sequence of str
        The columns, ids and diagnostics apart.
    panel : Panel
        What was to be computed.
    patient, file : str
        Whose table it is, and where it stands.

    Raises
    ------
    InputError
        With the first column that is missing or too many.
    """
    columns = panel.columns
    if list(found) != columns:
        odd = sorted(set(found) ^ set(columns)) or ["their order"]
        raise InputError(
            f"{counted(len(found), 'feature')} instead of the panel's {len(columns)}, the first "
            f"that differs is {odd[0]}",
            patient=patient,
            file=file,
            remedy="Delete the table and run again",
        )


def check_finite(features: Mapping[str, float], patient: str, file: str | None = None) -> None:
    """Assert that each feature of one mask is a finite number.

    Parameters
    ----------
    features : mapping
        Values by name.
    patient : str
        Whose they are.
    file : str, optional
        Where they stand.

    Raises
    ------
    InputError
        With the first that is not.
    """
    odd = [name for name, value in features.items() if not math.isfinite(value)]
    if odd:
        raise InputError(
            f"{counted(len(odd), 'feature')} {agreeing(len(odd), 'is', 'are')} not finite, the "
            f"first is {odd[0]}",
            patient=patient,
            file=file,
            remedy=REMEDY,
        )
