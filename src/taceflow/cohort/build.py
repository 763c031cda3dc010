"""From the sheet and the imported images to the patients of the study."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.dates import holds_dates
from taceflow.cohort.derived_scores import add_derived_scores
from taceflow.cohort.ownership import shared_images
from taceflow.cohort.review import Verdict, review_exclusions
from taceflow.cohort.sheets import CohortTables, read_patients_sheet, sheet_exclusions
from taceflow.cohort.training import is_training
from taceflow.errors import CohortTooSmallError, InputError
from taceflow.files.schemas import load_schema
from taceflow.files.tables import read_json, read_table, write_table

_EXCLUSION = ("stage", "reason", "remedy")

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class CohortFiles:
    """The tables of ``cohort/`` that say who is in the study, and of what."""

    members: str
    exclusions: str
    readings: str
    acquisition: str
    series: str
    candidates: str


def build_cohort(
    tables: CohortTables,
    *,
    volumes: list[str],
    listed: list[str],
    phase: str,
    has_archive: bool,
    featured: list[str] | None = None,
    review: Mapping[str, Verdict] | None = None,
    on_bad_input: str,
    split: Mapping[str, Any] | None,
    written: CohortFiles,
) -> None:
    """Write who is in the study, who is not and why, and what was imported of each.

    Parameters
    ----------
    tables : CohortTables
        The user's.
    volumes : list of str
        Folders of the imported patients, each with an ``import.json``.
    listed : list of str
        ``{patient}.json`` of each: the series from which somebody should choose.
    phase : str
        The phase that the model uses.
    has_archive : bool
        Whether scans and masks that the tables do not name were looked for in an archive.
    featured : list of str, optional
        Patients of a ready table of features, which needs no images.
    review : mapping of str to Verdict, optional
        What a reader said of the patients; an exclusion by a reader ends no run.
    on_bad_input : {"exclude", "fail"}
        Whether a patient who cannot be used is left out or ends the run.
    split : mapping or None
        ``seed`` and ``validation_fraction`` of the draw, for patients whose ``cohort`` is empty;
        None if nothing is fitted: all are external, with or without a follow-up.
    written : CohortFiles
        To be written, also if nobody is left.

    Raises
    ------
    InputError
        With `on_bad_input` "fail", for the first patient who cannot be used.
    """
    reasons = sheet_exclusions(
        tables, phase, has_archive=has_archive, featured=featured, is_fitted=split is not None
    )
    imports = [read_json(Path(folder) / "import.json", output=folder) for folder in sorted(volumes)]
    usable = [record for record in imports if not record["exclusion"]]
    images = {record["patient_id"]: record["images"] for record in usable}
    by_reader = review_exclusions(review or {}, images)
    # of two who share a scan a reader may have left out the one to whom it does not belong
    reasons |= shared_images([one for one in usable if one["patient_id"] not in by_reader])
    reasons |= {
        record["patient_id"]: tuple(record["exclusion"][name] for name in _EXCLUSION)
        for record in imports
        if record["exclusion"]
    }
    reasons |= {one: why for one, why in by_reader.items() if one not in reasons}
    for patient, (stage, reason, advice) in reasons.items():
        if on_bad_input == "fail" and stage != "review":
            raise InputError(
                f"{stage}: {reason}",
                patient=patient,
                remedy=f"{advice or 'Mend it'}, or set on_bad_input: exclude to go on without "
                "this patient",
            )
        words = f"{reason}. {advice}" if advice else reason
        _LOG.warning("patient %s is excluded (%s): %s", patient, stage, words)
    sheet = tables.patients
    kept = sheet[~sheet["patient_id"].isin(set(reasons))].reset_index(drop=True)
    if split is None:
        kept["cohort"] = "external"
    else:
        kept = assign_cohorts(kept, seed=split["seed"], fraction=split["validation_fraction"])
    order = {patient: rank for rank, patient in enumerate(sheet["patient_id"])}
    left = pd.DataFrame(
        [(patient, *reasons[patient]) for patient in sorted(reasons, key=order.__getitem__)],
        columns=["patient_id", *_EXCLUSION],
    )
    usable = [record for record in usable if record["patient_id"] not in reasons]
    read = pd.DataFrame(
        [
            {"patient_id": record["patient_id"], **row}
            for record in usable
            for row in record["readings"]
        ],
        columns=["patient_id", "reader", "reading", "phase", "voxels", "volume_ml"],
    )
    content = {
        "members": kept[["patient_id", "cohort"]],
        "exclusions": left,
        "readings": read,
        "acquisition": _of_scans(imports, "acquisition", phase, "acquisition"),
        "series": _of_scans(imports, "choice", phase, "series"),
        "candidates": _to_choose_from(listed),
    }
    for name, table in content.items():
        write_table(table, getattr(written, name), name)
    _LOG.info("%d patients are included, %d excluded", len(kept), len(left))


def write_patients(*, patients: str, members: str, is_fitted: bool, output: str) -> None:
    """Write the included patients with the scores that follow from the sheet.

    Parameters
    ----------
    patients : str
        The user's table.
    members : str
        ``cohort/members.tsv``.
    is_fitted : bool
        Whether models are fitted, which needs training patients with a follow-up.
    output : str
        ``cohort/patients.tsv``, to be written.

    Raises
    ------
    CohortTooSmallError
        If nobody is left, for training where models are fitted.
    """
    sheet = read_patients_sheet(patients, is_fitted=is_fitted)
    drawn = read_table(members, "members").set_index("patient_id")["cohort"]
    kept = sheet[sheet["patient_id"].isin(drawn.index)].reset_index(drop=True)
    dates = [name for name in kept if holds_dates(kept[name])]
    if dates:
        _LOG.warning("columns of dates are not written: %s", ", ".join(dates))
    kept = kept.drop(columns=["cohort", *dates], errors="ignore")
    kept.insert(1, "cohort", kept["patient_id"].map(drawn).astype(object))
    if not (is_training(kept).any() if is_fitted else len(kept)):
        folder, who = Path(members).parent, "training patient" if is_fitted else "patient"
        raise CohortTooSmallError(
            f"no {who} is left: {len(sheet)} in the sheet, {len(sheet) - len(kept)} excluded. "
            f"{folder}/exclusions.tsv says why, {folder}/series.tsv what was found of "
            f"whom; {folder.parent}/private/candidates.tsv lists the series to choose from, where "
            "no rule could"
        )
    # of new patients some are followed: whole numbers beside empty cells
    kept["event"] = kept["event"].astype("Int64")
    write_table(add_derived_scores(kept), output, "patients")


def _to_choose_from(listed: list[str]) -> pd.DataFrame:
    """Return the series of those patients for whom somebody should choose, with room for it."""
    columns = [name for name in load_schema("candidates")["properties"] if name != "patient_id"]
    rows = [
        {"patient_id": Path(file).stem, **row} for file in sorted(listed) for row in read_json(file)
    ]
    return pd.DataFrame(rows, columns=["patient_id", *columns])


def _of_scans(imports: list[dict[str, Any]], part: str, phase: str, schema: str) -> pd.DataFrame:
    """Return one part of the records of all patients whose scan was read."""
    rows = [
        {"patient_id": record["patient_id"], "phase": phase, **record[part]}
        for record in imports
        if record[part]
    ]
    return pd.DataFrame(rows, columns=None if rows else load_schema(schema)["required"])


def assign_cohorts(patients: pd.DataFrame, *, seed: int, fraction: float) -> pd.DataFrame:
    """Fill an empty ``cohort`` by a draw that belongs to the patient alone.

    The draw is a hash of seed and id: a patient who joins or leaves moves nobody else to the
    other side, so that what was fitted once is never tested on its own training patients.

    Parameters
    ----------
    patients : pandas.DataFrame
        With ``patient_id`` and, possibly, ``cohort``.
    seed : int
        Of the split.
    fraction : float
        Expected share of the validation cohort.

    Returns
    -------
    pandas.DataFrame
        A copy with ``cohort`` filled, as the second column.
    """
    filled = patients.copy()
    drawn = pd.Series(
        [
            "validation" if _uniform(f"{seed}:{patient}") < fraction else "training"
            for patient in filled["patient_id"]
        ],
        index=filled.index,
        dtype=object,
    )
    given = filled.pop("cohort") if "cohort" in filled else pd.Series(np.nan, filled.index)
    filled.insert(1, "cohort", given.astype(object).where(given.notna(), drawn))
    return filled


def _uniform(text: str) -> float:
    """Return a number in [0, 1) that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64
