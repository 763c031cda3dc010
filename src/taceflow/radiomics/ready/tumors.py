"""Several rows of a patient in a ready table: tumours, of which one is taken or all count."""

from typing import Literal

import numpy as np
import pandas as pd

from taceflow.errors import InputError
from taceflow.files.cells import as_numbers
from taceflow.wording.counts import agreeing, counted

Tumors = Literal["union", "largest", "each"]

VOLUMES = (
    "original_shape_VoxelVolume",
    "original_shape_MeshVolume",
    "original_shape_Volume",
    "diagnostics_Mask-interpolated_VoxelNum",
    "diagnostics_Mask-original_VoxelNum",
)
"""Columns that hold a tumour's volume, PyRadiomics' names; the first that is there counts."""


def volumes_of(table: pd.DataFrame) -> pd.Series | None:
    """Return the volume of each row's tumour under the name of its column, None without any.

    The columns may have PyRadiomics' or R's form.
    """
    columns = {name.replace(".", "-"): name for name in table.columns}
    for volume in VOLUMES:
        if volume in columns:
            values = as_numbers(table[columns[volume]]).rename(volume)
            if values.notna().any():
                return values
    return None


def one_row_a_patient(
    rows: pd.DataFrame, volumes: pd.Series | None, tumors: Tumors, path: str
) -> pd.DataFrame:
    """Reduce the tumours of each patient to one row, as `imaging.tumors` asks of masks.

    Parameters
    ----------
    rows : DataFrame of float, shape (n_rows, n_features)
        Indexed by patient, no two rows alike; empty rows are those of an extraction that failed.
    volumes : Series or None
        Volume of the tumour of each row, in the same order.
    tumors : {'union', 'largest', 'each'}
        ``largest``: the row of the largest volume; ``each``: the mean over the rows, weighted by
        volume; ``union`` needs masks, so that two rows of a patient are refused.
    path : str
        The table's file, for messages.

    Returns
    -------
    DataFrame of float, shape (n_patients, n_features)
        Without empty rows.

    Raises
    ------
    InputError
        If a patient's rows cannot be reduced.
    """
    filled = rows.notna().any(axis=1).to_numpy()
    measured = rows[filled]
    several = measured.index[measured.index.duplicated()].unique()
    if len(several) and tumors == "union":
        others = len(several) - 1
        told = f", as {agreeing(others, 'has', 'have')} {counted(others, 'other patient')}"
        raise InputError(
            f"has more than one row{told if others else ''}",
            patient=several[0],
            file=path,
            remedy="If the rows are tumours, set imaging.tumors to largest or each; otherwise keep "
            "one row a patient: one phase, one reading",
        )
    if len(several) and volumes is None:
        raise InputError(
            "has more than one row, and no column tells the tumours' volumes",
            patient=several[0],
            file=path,
            remedy=f"Add one of {', '.join(VOLUMES)}, or keep one row a patient",
        )
    if volumes is None or tumors == "union":
        return measured
    sizes = volumes.set_axis(rows.index)
    _refuse_unclear(sizes[filled], sizes[~filled], several, tumors, path)
    if tumors == "largest":
        order = np.argsort(-sizes[filled].to_numpy(), kind="stable")
        return measured.iloc[np.sort(order[~measured.index[order].duplicated()])]
    weights = sizes[filled].where(measured.index.isin(several), 1.0)
    shares = weights / weights.groupby(level=0).transform("sum")
    return measured.mul(shares.to_numpy(), axis=0).groupby(level=0, sort=False).sum()


def _refuse_unclear(
    sizes: pd.Series, failed: pd.Series, several: pd.Index, tumors: Tumors, path: str
) -> None:
    """Raise an error where volumes are missing, or do not tell the largest tumour.

    `sizes` are the volumes of the rows with features, `failed` of those without, `several` the
    patients with several rows.
    """
    for patient in several:
        own = sizes[sizes.index == patient]
        if not (own > 0).all():
            raise InputError(
                f"has {len(own)} rows, of which not all have a volume ({sizes.name})",
                patient=patient,
                file=path,
                remedy="Fill the column, or keep one row of the patient",
            )
        if tumors == "largest" and (own == own.max()).sum() > 1:
            raise InputError(
                f"has two largest tumours of {own.max():g} ({sizes.name})",
                patient=patient,
                file=path,
                remedy="Keep one row of the patient, or set imaging.tumors to each",
            )
    most, lost = sizes.groupby(level=0).max(), failed.groupby(level=0).max()
    larger = lost[lost > most.reindex(lost.index)]
    if tumors == "largest" and len(larger):
        raise InputError(
            "has no features of the largest tumour, whose extraction failed",
            patient=larger.index[0],
            file=path,
            remedy="Extract it again, or delete its row to take the next",
        )
