"""Quality control of one patient: numbers, flags, a picture and a thumbnail."""

import logging
from pathlib import Path
from typing import Any

from taceflow.files.tables import read_json, write_json
from taceflow.imaging.quality.flags import find_flags
from taceflow.imaging.quality.measure import measure
from taceflow.imaging.quality.picture import draw_picture, draw_thumbnail
from taceflow.imaging.quality.slices import write_slices
from taceflow.imaging.quality.volumes import read_volumes
from taceflow.readings import MAIN_READING, OTHER_SERIES

_LOG = logging.getLogger(__name__)


def check_quality(
    *,
    patient: str,
    volumes: str,
    phase: str,
    picture: str,
    thumbnail: str,
    numbers: str,
    slices: str,
) -> None:
    """Measure and draw a patient's masks over the CT.

    Parameters
    ----------
    patient : str
        The study's id, the title.
    volumes : str
        Folder with ``ct.nii.gz``, ``mask_*.nii.gz`` on one grid and ``import.json``.
    phase : str
        The phase of the CT; a mask drawn on another one is marked.
    picture, thumbnail : str
        PNG files to be written.
    numbers : str
        JSON file to be written: see `taceflow.imaging.quality.measure.measure`, with ``flags``
        by reading, ``drawn_on``: the other phase on which it was drawn, and ``images``: the digests
        of the CT and of each reading.
    slices : str
        Script to be written, by which the page of all patients shows the slices.
    """
    read = read_volumes(Path(volumes))
    imported = read_json(Path(volumes) / "import.json", output=volumes)
    found = measure(read.hu, read.masks, read.spacing_mm)
    drawn_on = {
        name: drawn
        for name, drawn in _phases(imported).items()
        if name in read.masks and drawn != phase
    }
    flags = find_flags(found, on_other_series=drawn_on.get(MAIN_READING) == OTHER_SERIES)
    if imported.get("doubt"):
        flags["phase"] = "the CT may be unenhanced: cohort/series.tsv"
    for finding in flags.values():
        _LOG.warning("%s", finding)
    content = found | {"patient_id": patient, "drawn_on": drawn_on, "flags": flags}
    content["images"] = imported["images"]
    draw_picture(read, content, phase=phase, picture=picture)
    draw_thumbnail(read, thumbnail)
    write_slices(read, patient, slices)
    write_json(content, numbers)


def _phases(imported: dict[str, Any]) -> dict[str, str]:
    """Return the phase on which each reading was drawn, as far as the import says."""
    return {
        f"reader{row['reader']}-{row['reading']}": row["phase"]
        for row in imported["readings"]
        if "phase" in row
    }
