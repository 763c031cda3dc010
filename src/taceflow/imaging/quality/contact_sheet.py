"""The cohort at a glance: every patient's tumour, worst first, and the table behind the order."""

import gc
import logging
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.image import imread

from taceflow.files.atomic import atomic_folder
from taceflow.files.schemas import load_schema
from taceflow.files.stored_files import reading
from taceflow.files.tables import read_json, write_table
from taceflow.imaging.quality.flags import FLAGS, weight
from taceflow.imaging.quality.picture import COLOURS, THUMBNAIL_PX, WARNING_COLOUR, save_picture

COLUMNS, ROWS = 8, 5
"""Of a page: 40 patients."""

_GAP_PX, _TEXT_PX, _HEAD_PX, _DPI = 8, 64, 34, 100
_LETTERS = 29
_SMALL = ["volume_ml", "longest_axis_mm", "pieces", "median_hu", "lower_hu", "upper_hu"]
_SMALL += ["outside_percent"]

_LOG = logging.getLogger(__name__)


def write_contact_sheet(
    *, numbers: list[str], thumbnails: list[str], pages: str, table: str
) -> None:
    """Write the pages of thumbnails and the table of all patients in one order.

    Parameters
    ----------
    numbers : list of str
        ``qc/{patient}.json`` of each patient.
    thumbnails : list of str
        ``{patient}.png`` of each patient.
    pages : str
        Folder to be filled with ``page_01.png``, ...
    table : str
        ``cohort/quality.tsv``, to be written.
    """
    ranked = rank([read_json(path) for path in numbers])
    pictures = {Path(path).stem: path for path in thumbnails}
    step = COLUMNS * ROWS
    with atomic_folder(pages) as target:
        for page, first in enumerate(range(0, len(ranked), step), start=1):
            figure = _draw_page(ranked[first : first + step], pictures, first, len(ranked))
            save_picture(figure, str(target / f"page_{page:02d}.png"))
            gc.collect()  # a figure refers to itself: without this all pages stay in memory
    write_table(quality_table(ranked), table, "quality")
    _LOG.info("%d patients, %d of them flagged", len(ranked), sum(bool(p["flags"]) for p in ranked))


def rank(patients: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return patients, by their ``qc/{patient}.json``, worst first.

    By weight and number of flags, then Dice, then size.
    """

    def badness(one: dict[str, Any]) -> tuple:
        lowest = min(one["dice"].values(), default=1.0)
        flags = one["flags"]
        return -weight(flags), -len(flags), lowest, one["volume_ml"], one["patient_id"]

    return sorted(patients, key=badness)


def quality_table(ranked: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the rows of ``cohort/quality.tsv`` in the order of `rank`."""
    rows = [
        {
            "patient_id": one["patient_id"],
            "flags": "; ".join(_flags(one)) or None,
            "findings": "; ".join(one["flags"][name] for name in _flags(one)) or None,
            "weight": weight(one["flags"]),
            **{name: one[name] for name in _SMALL},
            "lowest_dice": min(one["dice"].values(), default=None),
            "dice": "; ".join(f"{name} {value:.4f}" for name, value in one["dice"].items()) or None,
            "drawn_on": "; ".join(f"{name} {drawn}" for name, drawn in one["drawn_on"].items())
            or None,
        }
        for one in ranked
    ]
    return pd.DataFrame(rows, columns=None if rows else load_schema("quality")["properties"])


def _flags(one: dict[str, Any]) -> list[str]:
    """Return a patient's flags, heaviest first."""
    return [name for name in FLAGS if name in one["flags"]]


def _draw_page(
    patients: list[dict[str, Any]], pictures: dict[str, str], first: int, total: int
) -> Figure:
    rows = -(-len(patients) // COLUMNS)
    across, down = THUMBNAIL_PX + _GAP_PX, THUMBNAIL_PX + _TEXT_PX
    width, height = COLUMNS * across + _GAP_PX, rows * down + _HEAD_PX
    canvas = np.zeros((height, width, 3), np.float32)
    with mpl.rc_context({"font.size": 10, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor="black")
        title = f"Patients {first + 1} to {first + len(patients)} of {total}, worst first"
        figure.text(_GAP_PX / width, 1 - 8 / height, title, color="white", va="top", weight="bold")
        for place, one in enumerate(patients):
            left = _GAP_PX + place % COLUMNS * across
            top = _HEAD_PX + place // COLUMNS * down
            path = pictures[one["patient_id"]]
            with reading(path):
                picture = imread(path)[..., :3]
            canvas[top : top + THUMBNAIL_PX, left : left + THUMBNAIL_PX] = picture
            under = top + THUMBNAIL_PX + 3
            for line, (text, colour) in enumerate(_under(one)):
                y = 1 - (under + 19 * line) / height
                figure.text(left / width, y, text, color=colour, va="top")
        figure.figimage(canvas, zorder=-1)
    return figure


def _under(one: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what stands under a thumbnail: id and size, then the flags or the Dice."""
    size = f"{one['volume_ml']:.1f} mL, {one['longest_axis_mm']:.0f} mm"
    lines = [(_short(one["patient_id"]), COLOURS[0]), (size, "0.8")]
    if one["flags"]:
        lines[1] = (_short(", ".join(_flags(one))), WARNING_COLOUR)
        lines.append((size, "0.8"))
    elif one["dice"]:
        lines[1] = (f"{size}, Dice {min(one['dice'].values()):.2f}", "0.8")
    return lines


def _short(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
