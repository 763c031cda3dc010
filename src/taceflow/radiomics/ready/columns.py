"""The columns of a ready table that are features, and their values as numbers."""

import re
from typing import Any

import numpy as np
import pandas as pd

from taceflow.errors import InputError
from taceflow.files.cells import as_numbers
from taceflow.radiomics.names import feature_name
from taceflow.wording.cell_hints import number_hint
from taceflow.wording.counts import counted

_MOST_NAMED = 5


def feature_columns(columns: pd.Index, path: str) -> dict[str, str]:
    """Return the table's column of each feature, by PyRadiomics' name.

    Parameters
    ----------
    columns : Index of str
        Of the table, but that of the ids.
    path : str
        Its file, for messages.

    Returns
    -------
    dict of str to str

    Raises
    ------
    InputError
        If a feature stands in two columns, or no column is one.
    """
    found: dict[str, str] = {}
    for column in columns:
        # A second column of one name: pandas and R put a number behind it.
        name = feature_name(re.sub(r"\.\d+$", "", column))
        if name in found:
            raise InputError(
                f"the feature {name} stands in two columns, '{found[name]}' and '{column}'",
                file=path,
                remedy="Keep one of them",
            )
        if name is not None:
            found[name] = column
    if not found:
        raise InputError(
            f"no column has the name of a feature ({', '.join(columns[-_MOST_NAMED:])})",
            file=path,
            remedy="Names are PyRadiomics', <image>_<class>_<feature> such as "
            "wavelet-HLL_ngtdm_Complexity, or R's form wavelet.HLL_ngtdm_Complexity, with no "
            "prefix before them",
        )
    return found


def feature_values(values: pd.DataFrame, path: str) -> pd.DataFrame:
    """Return the features as numbers.

    Parameters
    ----------
    values : DataFrame
        The features' columns, indexed by patient.
    path : str
        The table's file, for messages.

    Returns
    -------
    DataFrame of float
        NaN in rows without any value.

    Raises
    ------
    InputError
        With the first patient and feature of text, or of a value that is not finite.
    """
    numbers = values.apply(as_numbers).astype(float)
    is_empty = values.isna().to_numpy()
    is_text = numbers.isna().to_numpy() & ~is_empty
    if is_text.any():
        read = numbers.to_numpy(copy=True)
        read[is_text] = [_real(cell) for cell in values.to_numpy(dtype=object)[is_text]]
        numbers = pd.DataFrame(read, values.index, values.columns)
    has_values = ~is_empty.all(axis=1, keepdims=True)
    for is_wrong, problem in (
        (numbers.isna().to_numpy() & ~is_empty, "is text, not a number"),
        (~np.isfinite(numbers.to_numpy()) & has_values, "has no finite value"),
    ):
        rows, columns = np.nonzero(is_wrong)
        if len(rows):
            others = counted(len(rows) - 1, "other value")
            more = f" (and {others})" if len(rows) > 1 else ""
            cell = values.iloc[rows[0], columns[0]]
            if hint := number_hint(cell) if isinstance(cell, str) else "":
                problem += f" ({hint})"
            raise InputError(
                f"feature '{values.columns[columns[0]]}' {problem}{more}",
                patient=values.index[rows[0]],
                file=path,
                remedy="Mend the table, empty the patient's whole row to exclude the patient, or "
                "take the feature's column out for all",
            )
    return numbers


def _real(cell: Any) -> float:
    """Return the number of a text such as (0.3+0j), NaN if it is none.

    Some versions of numpy write eigenvalues so; any other imaginary part is no feature.
    """
    try:
        number = complex(str(cell))
    except ValueError:
        return np.nan
    return number.real if number.imag == 0 else np.nan
