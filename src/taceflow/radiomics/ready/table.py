"""A table of features made elsewhere: PyRadiomics' names, or R's form of them."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from taceflow.errors import InputError
from taceflow.files.sheets.read import read_sheet
from taceflow.files.tables import read_table, write_table
from taceflow.radiomics.ready.columns import feature_columns, feature_values
from taceflow.radiomics.ready.ids import ids_of, longer_by_a_prefix, match_forms
from taceflow.radiomics.ready.settings import differences, settings_of
from taceflow.radiomics.ready.tumors import Tumors, one_row_a_patient, volumes_of
from taceflow.wording.counts import agreeing, counted

_LOG = logging.getLogger(__name__)

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
    repeated : int
        Rows that stood there before, value for value.
    rewritten : int
        Patients whose id is written in another form than in the sheet.
    alike : int
        Ids of patients without a row, or of rows without a patient, that end alike.
    notes : tuple of str
        Sentences for the report: several tumours, other settings than the panel's.
    """

    features: pd.DataFrame
    no_features: tuple[str, ...]
    strangers: int
    blank: int
    repeated: int
    rewritten: int
    alike: int
    notes: tuple[str, ...]


def read_ready_table(
    path: str,
    patients: Collection[str],
    *,
    id_column: str = "patient_id",
    id_pattern: str | None = None,
    tumors: Tumors = "union",
    expected: Mapping[str, Any] | None = None,
    needed: Iterable[str] = (),
) -> ReadyTable:
    """Read a table of features and check what the study takes of it.

    Parameters
    ----------
    path : str
        A ``.csv``, ``.tsv``, ``.xlsx`` or ``.parquet`` file, one row a patient, or a tumour.
    patients : collection of str
        Ids of the sheet; rows of others are counted and left out.
    id_column : str
        The column that holds the ids.
    id_pattern : str, optional
        A regular expression whose first match in that column is the id, e.g. in ``Image``.
    tumors : {'union', 'largest', 'each'}
        ``imaging.tumors``: what becomes of several rows of a patient, see `one_row_a_patient`.
    expected : mapping, optional
        From `settings.expected_settings`: what the table's own settings are compared with.
    needed : iterable of str
        Features that must be there.

    Returns
    -------
    ReadyTable

    Raises
    ------
    InputError
        If the table has no ids or none of the sheet, no feature or a needed one not, if a patient
        of the sheet has text, a number that is not finite, or rows that cannot be reduced to one,
        or if patients were extracted with different settings.
    """
    table = read_sheet(path, text=id_column, called="features")
    table.columns = table.columns.map(str)
    ids, rewritten = match_forms(ids_of(table, path, id_column, id_pattern), patients, path)
    columns = feature_columns(table.columns.drop(id_column), path)
    missing = sorted(set(needed) - set(columns))
    if missing:
        raise InputError(
            f"the features of the Radscore {', '.join(missing)} are missing",
            file=path,
            remedy="Extract them too; only a Radscore that is fitted here (radscore.family cox or "
            "binomial, no model) takes what there is",
        )
    is_known = ids.isin(set(patients))
    in_table, in_sheet = longer_by_a_prefix(ids[~is_known], set(patients) - set(ids))
    if not is_known.any():
        # No id is shown: what is not in the sheet may be a name, or a path that holds one.
        raise InputError(
            f"none of its {counted(len(ids), 'row')} belongs to a patient of the table of patients",
            file=path,
            remedy=_remedy_of_ids(in_table, in_sheet),
        )
    made = settings_of(table[is_known], ids[is_known], path)
    values = table.loc[is_known, list(columns.values())].set_axis(list(columns), axis=1)
    values = values.set_index(pd.Index(ids[is_known], name="patient_id"))
    repeated = values.reset_index().duplicated().to_numpy() & values.notna().any(axis=1).to_numpy()
    volumes = volumes_of(table[is_known])
    rows = feature_values(values[~repeated], path)
    features = one_row_a_patient(
        rows, None if volumes is None else volumes[~repeated], tumors, path
    )
    blank = rows.isna().all(axis=1)
    notes = [_note_of_tumors(rows[~blank], features, tumors, volumes)]
    if expected is not None and (apart := differences(made, expected)):
        notes.append(
            f"The features were extracted elsewhere with other settings than this study's panel "
            f"({', '.join(apart)}): the Radscore holds for features made in that way alone."
        )
    return ReadyTable(
        features=features,
        no_features=tuple(table.columns.drop([id_column, *columns.values()])),
        strangers=int((~is_known).sum()),
        blank=int(blank.sum()),
        repeated=int(repeated.sum()),
        rewritten=rewritten,
        alike=max(in_table, in_sheet),
        notes=tuple(filter(None, notes)),
    )


def write_ready_features(
    *,
    source: Mapping[str, Any],
    patients: str,
    sheet: Sequence[str],
    features: str,
) -> None:
    """Write the features of the included patients as if they came from images.

    Parameters
    ----------
    source : mapping
        The ready table and its keys, as for `read_ready_table`.
    patients : str
        The cohort's table.
    sheet : sequence of str
        All ids of the user's sheet.
    features : str
        Parquet file to be written, one row a patient, sorted.
    """
    ready = read_ready_table(**source, patients=sheet)
    included = sorted(read_table(patients)["patient_id"])
    chosen = ready.features.loc[included].rename_axis("patient_id").reset_index()
    write_table(chosen, features, "features")
    _LOG.info("%d features of %d patients", ready.features.shape[1], len(chosen))
    if ready.no_features:
        first = ", ".join(ready.no_features[:_MOST_NAMED])
        _LOG.warning("columns that are no features: %d (%s ...)", len(ready.no_features), first)
    for what, count in (
        ("rows of patients who are not in the sheet", ready.strangers),
        ("empty rows, as an extraction that failed leaves them", ready.blank),
        ("rows that repeat another, value for value", ready.repeated),
        (
            "ids in another form than in the sheet (zeros, decimals, capitals, signs)",
            ready.rewritten,
        ),
        ("ids that end like one of the other table, and are not the same", ready.alike),
    ):
        if count:
            _LOG.warning("%s: %d", what, count)
    for note in ready.notes:
        _LOG.warning("%s", note)


def _remedy_of_ids(in_table: int, in_sheet: int) -> str:
    """Say how ids that are written differently can be brought together."""
    if in_table:
        return (
            f"{in_table} of its ids {agreeing(in_table, 'is an id', 'are ids')} of the table of "
            f"patients with characters before {agreeing(in_table, 'it', 'them')}: "
            "tables.features_id_pattern: '[0-9]+$' takes the number at the end alone"
        )
    if in_sheet:
        return (
            f"{counted(in_sheet, 'id')} of the table of patients "
            f"{agreeing(in_sheet, 'is one', 'are those')} of this table with characters before "
            f"{agreeing(in_sheet, 'it', 'them')}: write the ids alike in both tables"
        )
    return "Compare the ids; tables.features_id_pattern takes them out of a longer text"


def _note_of_tumors(
    rows: pd.DataFrame, features: pd.DataFrame, tumors: Tumors, volumes: pd.Series | None
) -> str:
    several = rows.index[rows.index.duplicated()].nunique()
    if not several or volumes is None:
        return ""
    taken = "the mean over all rows was taken, weighted by volume"
    if tumors == "largest":
        taken = "the row of the largest tumour was taken"
    return (
        f"{several} of {counted(len(features), 'patient')} {agreeing(several, 'has', 'have')} "
        f"several rows in the table of features: of each {taken} ({volumes.name})."
    )
