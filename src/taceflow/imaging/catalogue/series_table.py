"""One row a series, from the facts of its files."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from taceflow.imaging.dicom.image_type import plane_of

SERIES_KINDS = ("ct", "segmentation", "structure_set", "localizer", "secondary_capture", "other")
"""What a series is: the first of these of which it holds a file."""

COLUMNS = [
    *("patient_id", "study", "days", "series_key", "series_number", "modality", "kind"),
    *("description", "files", "slices", "slice_spacing_mm", "slice_spacing_uneven"),
    *("pixel_spacing_mm", "rows", "columns", "orientation", "image_type", "acquisitions"),
    *("contrast", "delay_s", "order_in_study", "transfer_syntax", "refers_to", "digest"),
]

POSITION_TOLERANCE_MM = 0.01
"""Nearer slices lie at the same position; a gap that deviates more from the median is uneven."""

SAME_NORMAL_COSINE = np.cos(np.radians(1))
"""Planes that are turned further against each other are of mixed orientation."""


def tabulate_series(files: pd.DataFrame) -> pd.DataFrame:
    """Describe each series in the rows of ``catalogue/files.parquet`` of the study's patients.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, by patient, study and order in the study.
    """
    rows = [_describe(part) for _, part in files.groupby(["patient_id", "series_key"], sort=True)]
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.DataFrame(rows)
    _number_studies(table)
    table = table.sort_values(
        ["patient_id", "study", "_acquisition_time_s", "series_number", "series_key"],
        ignore_index=True,
    )
    in_study = table.groupby(["patient_id", "study"])
    table["order_in_study"] = in_study.cumcount() + 1
    table["refers_to"] = ""
    for _, part in in_study:
        for index, row in part[part["kind"].isin(["segmentation", "structure_set"])].iterrows():
            table.loc[index, "refers_to"] = _references(row, part)
    for name in ("days", "series_number", "slices", "rows", "columns"):
        table[name] = table[name].astype("Int64")
    return table[COLUMNS]


def _describe(files: pd.DataFrame) -> dict[str, Any]:
    kind = next(kind for kind in SERIES_KINDS if (files["kind"] == kind).any())
    # the same image may lie in the archive twice
    images = files[files["kind"] == kind].drop_duplicates("instance_key")
    return {
        "patient_id": _first(files["patient_id"]),
        "series_key": _first(files["series_key"]),
        "series_number": _first(images["series_number"]),
        "modality": _first(images["modality"]),
        "kind": kind,
        "description": _first(images["description"]),
        "files": len(files),
        "slices": images["frames"].sum(min_count=1),
        "pixel_spacing_mm": _most_common(images["pixel_spacing_mm"]),
        "rows": _most_common(images["rows"]),
        "columns": _most_common(images["columns"]),
        **_geometry(images),
        "image_type": _first(images["image_type"]),
        "contrast": int(images["contrast"].max()),
        "delay_s": images["delay_s"].min(),
        "transfer_syntax": ";".join(sorted(images["transfer_syntax"].unique())),
        "digest": _digest(files),
        "_study_key": _first(images["study_key"]),
        "_study_day": images["study_day"].min(),
        "_study_time_s": images["study_time_s"].min(),
        "_acquisition_time_s": images["acquisition_time_s"].min(),
        "_frame_of_reference_key": _first(images["frame_of_reference_key"]),
        "_refers_to": set(" ".join(images["refers_to"].dropna()).split()),
    }


def _geometry(images: pd.DataFrame) -> dict[str, Any]:
    """Return orientation, slice spacing and the number of acquisitions."""
    acquisitions = max(
        images["acquisition_number"].nunique(), images["temporal_position"].nunique(), 1
    )
    found = {
        "orientation": None,
        "slice_spacing_mm": np.nan,
        "slice_spacing_uneven": None,
        "acquisitions": acquisitions,
    }
    texts = images["normal"].dropna().unique()
    if not len(texts):
        return found
    normals = np.array([text.split() for joined in texts for text in joined.split(";")], float)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    if (normals @ normals[0] < SAME_NORMAL_COSINE).any():
        return found | {"orientation": "mixed"}
    found["orientation"] = plane_of(normals[0])
    positions = np.sort(np.array(" ".join(images["positions_mm"].dropna()).split(), float))
    gaps = np.diff(positions)
    is_new = gaps > POSITION_TOLERANCE_MM
    stacks = np.bincount(np.cumsum(np.concatenate([[False], is_new]))).max()
    found["acquisitions"] = max(acquisitions, int(stacks))
    if is_new.any():
        typical = float(np.median(gaps[is_new]))
        found["slice_spacing_mm"] = round(typical, 4)
        deviation = np.abs(gaps[is_new] - typical).max()
        found["slice_spacing_uneven"] = int(deviation > POSITION_TOLERANCE_MM)
    return found


def _number_studies(table: pd.DataFrame) -> None:
    """Number each patient's studies by date; one without a date comes last."""
    studies = table.groupby(["patient_id", "_study_key"], as_index=False)[
        ["_study_day", "_study_time_s"]
    ].min()
    studies = studies.sort_values(["patient_id", "_study_day", "_study_time_s", "_study_key"])
    of_patient = studies.groupby("patient_id")
    numbers = of_patient.cumcount() + 1
    days = studies["_study_day"] - of_patient["_study_day"].transform("min")
    keys = pd.MultiIndex.from_frame(studies[["patient_id", "_study_key"]])
    wanted = pd.MultiIndex.from_frame(table[["patient_id", "_study_key"]])
    table["study"] = pd.Series(numbers.to_numpy(), keys).reindex(wanted).to_numpy()
    table["days"] = pd.Series(days.to_numpy(), keys).reindex(wanted).to_numpy()


def _references(row: pd.Series, study: pd.DataFrame) -> str:
    """Return the numbers of the series that a mask was drawn on, as far as they are there."""
    named = study[study["series_key"].isin(row["_refers_to"])]
    if not row["_refers_to"]:
        same_frame = study["_frame_of_reference_key"] == row["_frame_of_reference_key"]
        named = study[same_frame & (study["kind"] == "ct")]
    return " ".join(f"{number:.0f}" for number in sorted(named["series_number"].dropna()))


def _digest(files: pd.DataFrame) -> str:
    lines = sorted(
        f"{location}\t{size}\t{stamp}\n"
        for location, size, stamp in zip(
            files["location"], files["size"], files["stamp"], strict=True
        )
    )
    return f"sha256-{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


def _first(column: pd.Series) -> Any:
    return next(iter(column.dropna()), None)


def _most_common(column: pd.Series) -> float:
    return next(iter(column.mode()), np.nan)
