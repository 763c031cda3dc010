"""A table of features made elsewhere: PyRadiomics' names, or R's form of them."""

import logging
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from taceflow.errors import InputError
from taceflow.radscore.names import feature_name
from taceflow.table_files import as_numbers
from taceflow.tables import read_table, write_table

log = logging.getLogger(__name__)

_MOST_NAMED = 5


@dataclass(frozen=True)
class ReadyTable:
    """A checked table of features.

    Attributes
    ----------
    features : pandas.DataFrame, shape (n_patients, n_features)
        Indexed by the study's patient ids; PyRadiomics' names, finite numbers.
    no_features : tuple of str
        Columns that are no features: image and mask, diagnostics, clinical columns.
    strangers : int
        Rows of patients who are not in the sheet.
    blank : int
        Rows of the sheet's patients without any value: PyRadiomics leaves one where it failed.
    """

    features: pd.DataFrame
    no_features: tuple[str, ...]
    strangers: int
    blank: int


def read_ready_table(
    path: str,
    patients: Collection[str],
    *,
    id_column: str = "patient_id",
    id_pattern: str | None = None,
    needed: Iterable[str] = (),
) -> ReadyTable:
    """Read a table of features and check what the study takes of it.

    Parameters
    ----------
    path : str
        A ``.csv``, ``.tsv``, ``.xlsx`` or ``.parquet`` file, one row a patient.
    patients : collection of str
        Ids of the sheet; rows of others are counted and left out.
    id_column : str
        The column that holds the ids.
    id_pattern : str, optional
        A regular expression whose first match in that column is the id, e.g. in ``Image``.
    needed : iterable of str
        Features that must be there.

    Returns
    -------
    ReadyTable

    Raises
    ------
    InputError
        If the table has no ids or none of the sheet, no feature or a needed one not, or if a
        patient of the sheet has two rows, text or a number that is not finite.
    """
    table = read_table(path, text=id_column)
    table.columns = table.columns.map(str)
    ids = _ids(table, path, id_column, id_pattern)
    columns = _feature_columns(table.columns.drop(id_column), path)
    missing = sorted(set(needed) - set(columns))
    if missing:
        raise InputError(
            f"the features of the published Radscore {', '.join(missing)} are missing",
            file=path,
            remedy="Extract them too, or fit a Radscore: radscore.family cox or binomial",
        )
    values = table[list(columns.values())].set_axis(list(columns), axis=1).set_index(ids)
    known = values[values.index.isin(set(patients))]
    if known.empty:
        # No id is shown: what is not in the sheet may be a name, or a path that holds one.
        raise InputError(
            f"none of its {len(values)} rows belongs to a patient of the table of patients",
            file=path,
            remedy="Compare the ids; tables.features_id_pattern takes them out of a longer text",
        )
    filled = known.dropna(how="all")
    doubled = filled.index[filled.index.duplicated()]
    if len(doubled):
        raise InputError(
            "has more than one row",
            patient=doubled[0],
            file=path,
            remedy="Keep one row a patient: one phase, one tumour or their average, one reading",
        )
    return ReadyTable(
        features=_as_numbers(filled, path),
        no_features=tuple(table.columns.drop([id_column, *columns.values()])),
        strangers=len(values) - len(known),
        blank=len(known) - len(filled),
    )


def write_ready_features(
    *,
    table: str,
    patients: str,
    sheet: Sequence[str],
    id_column: str,
    id_pattern: str | None,
    features: str,
) -> None:
    """Write the features of the included patients as if they came from images.

    Parameters
    ----------
    table : str
        The ready table.
    patients : str
        The cohort's table.
    sheet : sequence of str
        All ids of the user's sheet.
    id_column, id_pattern
        As for `read_ready_table`.
    features : str
        Parquet file to be written, one row a patient, sorted.
    """
    ready = read_ready_table(table, sheet, id_column=id_column, id_pattern=id_pattern)
    included = sorted(read_table(patients)["patient_id"])
    chosen = ready.features.loc[included].rename_axis("patient_id").reset_index()
    write_table(chosen, features, "features")
    log.info("%d features of %d patients", ready.features.shape[1], len(chosen))
    if ready.no_features:
        first = ", ".join(ready.no_features[:_MOST_NAMED])
        log.warning("columns that are no features: %d (%s ...)", len(ready.no_features), first)
    if ready.strangers:
        log.warning("rows of patients who are not in the sheet: %d", ready.strangers)
    if ready.blank:
        log.warning("empty rows, as an extraction that failed leaves them: %d", ready.blank)


def _ids(table: pd.DataFrame, path: str, column: str, pattern: str | None) -> pd.Index:
    if column not in table:
        raise InputError(
            f"has no column '{column}' (its first are {', '.join(table.columns[:_MOST_NAMED])})",
            file=path,
            remedy="Name the column of the patients' ids: tables.features_id",
        )
    ids = table[column].astype("string").str.strip()
    if pattern is not None:
        ids = ids.map(lambda text: _first_match(pattern, text), na_action="ignore")
    unclear = np.flatnonzero(ids.isna() | (ids == ""))
    if len(unclear):
        where = f"row {unclear[0] + 2} of '{column}'"
        reason = f"matches '{pattern}' nowhere" if pattern else "is empty"
        raise InputError(
            f"{where} {reason}", file=path, remedy="Every row needs the id of its patient"
        )
    return pd.Index(ids.astype(object), name="patient_id")


def _first_match(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found[0] if found else None


def _feature_columns(columns: pd.Index, path: str) -> dict[str, str]:
    """Return the table's column of each feature, by PyRadiomics' name."""
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


def _as_numbers(values: pd.DataFrame, path: str) -> pd.DataFrame:
    numbers = values.apply(as_numbers).astype(float)
    for is_wrong, problem in (
        (numbers.isna() & values.notna(), "is text, not a number"),
        (~np.isfinite(numbers), "has no finite value"),
    ):
        rows, columns = np.nonzero(is_wrong.to_numpy())
        if len(rows):
            more = f" (and {len(rows) - 1} values more)" if len(rows) > 1 else ""
            raise InputError(
                f"feature '{values.columns[columns[0]]}' {problem}{more}",
                patient=values.index[rows[0]],
                file=path,
                remedy="Mend the table, or empty the patient's whole row to exclude the patient",
            )
    return numbers
