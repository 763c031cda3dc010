"""The page on which a reader judges the masks of all patients, and what was judged so far."""

import json
import logging
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from taceflow.cohort.review import VERDICTS, Verdict, images_text, review_exclusions
from taceflow.files.atomic import atomic_path
from taceflow.files.schemas import load_schema
from taceflow.files.tables import read_json, write_table
from taceflow.imaging.quality.contact_sheet import rank
from taceflow.imaging.quality.flags import FLAGS
from taceflow.imaging.quality.plane import COLOURS, WINDOW_HU

WINDOWS_HU = {
    "Liver": WINDOW_HU,
    "Narrow": (0.0, 150.0),
    "Soft tissue": (-160.0, 240.0),
    "Bone": (-500.0, 1300.0),
    "Lung": (-1350.0, 150.0),
}
"""Lower and upper end of each window of the page."""

_SHOWN = ("patient_id", "flags", "volume_ml", "longest_axis_mm", "median_hu", "dice", "drawn_on")

_LOG = logging.getLogger(__name__)


def write_review_page(
    *,
    numbers: list[str],
    review: Mapping[str, Verdict],
    run: str,
    template: str,
    page: str,
    table: str,
) -> None:
    """Write the page and the table of what was judged.

    Parameters
    ----------
    numbers : list of str
        ``qc/{patient}.json`` of each patient of the study, and of those whom a reader left out.
    review : mapping of str to Verdict
        The user's table of verdicts.
    run : str
        Name of the run.
    template : str
        The page without its patients.
    page : str
        ``qc/index.html``, to be written; pictures and slices lie beside it.
    table : str
        ``cohort/reviewed.tsv``, to be written.
    """
    ranked = rank([read_json(path) for path in numbers])
    left_out = review_exclusions(review, {one["patient_id"]: one["images"] for one in ranked})
    patients, rows = [], []
    for one in ranked:
        patient = one["patient_id"]
        said = review.get(patient)
        changed = said.changed(one["images"]) if said else []
        if changed:
            _LOG.warning(
                "patient %s: the verdict %s is of other images, since %s changed: look again",
                patient,
                said.verdict,
                ", ".join(changed),
            )
        told = {name: one[name] for name in _SHOWN} | {"images": images_text(one["images"])}
        patients.append(told | {"said": said and vars(said)})
        rows.append(
            {"patient_id": patient, "left_out": int(patient in left_out)}
            | {"changed": "; ".join(changed) or None}
            | {name: (getattr(said, name) if said else "") or None for name in _SAID}
        )
    columns = list(load_schema("reviewed")["properties"])
    write_table(pd.DataFrame(rows).reindex(columns=columns), table, "reviewed")
    content = {
        "run": run,
        "patients": patients,
        "flags": {name: flag.meaning for name, flag in FLAGS.items()},
        "windows": WINDOWS_HU,
        "colours": COLOURS,
        "verdicts": VERDICTS,
    }
    with atomic_path(page) as temporary:
        text = Path(template).read_text(encoding="utf-8")
        temporary.write_text(_filled(text, run, content), encoding="utf-8")
    judged = sum(one["said"] is not None for one in patients)
    _LOG.info("%d patients, %d of them judged, %d left out", len(rows), judged, len(left_out))


_SAID = ("verdict", "reason", "reader")


def _filled(template: str, run: str, content: dict[str, Any]) -> str:
    """Return the page; no text of a patient can end the script that holds it."""
    data = json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
    return template.replace("{{ run }}", escape(run)).replace("{{ data }}", data)
