"""A new patient on one page of paper: verdict, predictions, picture, what speaks against them."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from taceflow.figures import style
from taceflow.figures.patient_models import Predictions
from taceflow.figures.patient_prediction import (
    draw_predictions,
    page_axes,
    prediction_height_mm,
)
from taceflow.wording.lettering import fill, line_height_mm, shortened, width_mm
from taceflow.wording.printed_table import PrintedTable

_PAGE_MM = (210.0, 297.0)
_LEFT_MM, _TOP_MM = (_PAGE_MM[0] - style.TWO_COLUMNS_MM) / 2, 12.0
_GAP_MM, _CELL_GAP_MM = 3.5, 4.0
_SMALLEST_PICTURE_MM = 100.0
_SIZE, _HEAD = 6.5, 8.0
_TITLES, _VERDICT = (18.0, 14.0, 11.0, 9.0), 11.0
_MOST_LINES, _FEWEST_ROWS = 3, 4
_COLOURS = {"inside": style.GREEN, "outside": style.VERMILLION, "unknown": style.GREY}
_SOFT = "#4D4D4D"
_SHARES = {4: (0.48, 0.16, 0.22, 0.14), 2: (0.16, 0.84)}
"""Of the width, a column: what lies outside, models that are not applied."""


@dataclass(frozen=True, kw_only=True)
class PatientSheet:
    """What is said of a patient.

    Attributes
    ----------
    patient : str
        The study's own id.
    source : str
        Run and model.
    kind : {'inside', 'outside', 'unknown'}
        Whether something lies outside the training range.
    verdict : str
        The same in words.
    details : tuple of str
        What lies outside, and how far.
    predictions : Predictions
    outside : PrintedTable
        What lies outside, of four columns, worst first.
    not_applied : PrintedTable
        Models that do not predict the patient and why, of two columns.
    use : str
        What the page is for and what not.
    """

    patient: str
    source: str
    kind: str
    verdict: str
    details: tuple[str, ...]
    predictions: Predictions
    outside: PrintedTable
    not_applied: PrintedTable
    use: str


def patient_sheet(sheet: PatientSheet, picture: str | None) -> Figure:
    """Draw the page, A4 upright.

    Parameters
    ----------
    sheet : PatientSheet
    picture : str or None
        A picture of the masks over the CT, if the study has images. Rows of the table of what lies
        outside for which the page has no room are counted.
    """
    figure = style.new_figure(*_PAGE_MM, layout=None)
    room = _PAGE_MM[1] - 2 * _TOP_MM
    page = page_axes(figure, _LEFT_MM, _TOP_MM, style.TWO_COLUMNS_MM, room)
    use = fill(sheet.use, style.TWO_COLUMNS_MM, _SIZE, bold=True)
    bottom = room - len(use) * line_height_mm(_SIZE)
    page.plot([0, style.TWO_COLUMNS_MM], [bottom - 1] * 2, color=style.BLACK, linewidth=0.6)
    _write(page, use, 0, bottom, _SIZE, weight="bold")
    bottom -= _GAP_MM
    top = _write_head(page, sheet)
    top = _draw_verdict(page, sheet, top) + _GAP_MM
    predictions = sheet.predictions.thinned()
    height = prediction_height_mm(predictions)
    at = _TOP_MM + room - top - height
    draw_predictions(figure, predictions, left=_LEFT_MM, bottom=at)
    top += height + _GAP_MM
    least = _SMALLEST_PICTURE_MM + _GAP_MM if picture else 0
    blocks = _fitted(sheet, bottom - top - least)
    if picture:
        height = bottom - top - sum(block.height + _GAP_MM for block in blocks)
        top += _draw_picture(figure, picture, _TOP_MM + room - top, height) + _GAP_MM
    for block in blocks:
        block.draw(page, top)
        top += block.height + _GAP_MM
    return figure


def _write_head(page: Axes, sheet: PatientSheet) -> float:
    """Write id and source; returns where they end, in millimetres from the top."""
    half = style.TWO_COLUMNS_MM / 2
    size = next(
        (one for one in _TITLES if width_mm(sheet.patient, one, bold=True) < half), _TITLES[-1]
    )
    bottom = _write(page, fill(sheet.patient, half, size, bold=True), 0, 0, size, weight="bold")
    lines = fill(sheet.source, half - 6, _SIZE)
    right = _write(page, lines, style.TWO_COLUMNS_MM, 0.6, _SIZE, ha="right", color=_SOFT)
    return max(bottom, right) + 1.5


def _draw_verdict(page: Axes, sheet: PatientSheet, top: float) -> float:
    """Draw the verdict as a band; returns where it ends."""
    colour = _COLOURS[sheet.kind]
    room = style.TWO_COLUMNS_MM - 7
    lines = [line for text in sheet.details for line in _clipped(text, room, 7)]
    height = 4 + line_height_mm(_VERDICT) + len(lines) * line_height_mm(7)
    band = {"width": style.TWO_COLUMNS_MM, "height": height, "alpha": 0.12}
    page.add_patch(Rectangle((0, top), **band, color=colour, linewidth=0))
    page.add_patch(Rectangle((0, top), 1.6, height, color=colour, linewidth=0))
    y = _write(page, [sheet.verdict], 4, top + 1.8, _VERDICT, weight="bold")
    _write(page, lines, 4, y, 7)
    return top + height


def _draw_picture(figure: Figure, path: str, top: float, height: float) -> float:
    """Draw a picture as large as there is room for, with its own pixels; returns its height."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    across, down = picture.size
    scale = min(style.TWO_COLUMNS_MM / across, height / down)
    left = _LEFT_MM + (style.TWO_COLUMNS_MM - scale * across) / 2
    axes = style.axes_in_mm(figure, left, top - scale * down, scale * across, scale * down)
    axes.imshow(picture, interpolation="none", aspect="auto")
    axes.set_axis_off()
    return scale * down


class _Block:
    """A table on the page: its title, heads, and as many rows as there is room for.

    Parameters
    ----------
    table : PrintedTable
    room_mm : float
        Its height at most; a few rows are drawn in any case.
    """

    def __init__(self, table: PrintedTable, room_mm: float) -> None:
        self._title, self._heads = table.title, table.columns
        shares = _SHARES[len(table.columns)]
        self._widths = [share * style.TWO_COLUMNS_MM for share in shares]
        self._rows = [self._filled(line.cells) for line in table.lines]
        self._notes = [line for note in table.notes for line in fill(note, style.TWO_COLUMNS_MM, 6)]
        shown = len(self._rows)
        while shown > _FEWEST_ROWS and self._height(shown) > room_mm:
            shown -= 1
        if left := len(self._rows) - shown:
            self._notes.insert(0, f"And {left} more, which the page in HTML lists.")
        self._rows = self._rows[:shown]

    @property
    def height(self) -> float:
        """In millimetres."""
        return self._height(len(self._rows))

    def draw(self, page: Axes, top: float) -> None:
        """Draw the table from its upper edge."""
        y = _write(page, [self._title], 0, top, _HEAD, weight="bold") + 0.3
        lefts = [sum(self._widths[:place]) for place in range(len(self._widths))]
        for left, head in zip(lefts, self._heads, strict=True):
            _write(page, [head], left, y, _SIZE, color=_SOFT)
        y += line_height_mm(_SIZE)
        page.plot([0, style.TWO_COLUMNS_MM], [y, y], color=style.GREY, linewidth=0.5)
        y += 0.5
        for row in self._rows:
            for left, lines in zip(lefts, row, strict=True):
                _write(page, lines, left, y, _SIZE)
            y += max(map(len, row)) * line_height_mm(_SIZE)
        _write(page, self._notes, 0, y + 0.5, 6, color=_SOFT)

    def _height(self, shown: int) -> float:
        lines = 1 + sum(max(map(len, row)) for row in self._rows[:shown])
        notes = len(self._notes) * line_height_mm(6)
        return line_height_mm(_HEAD) + 1.3 + lines * line_height_mm(_SIZE) + notes

    def _filled(self, cells: Sequence[str]) -> list[list[str]]:
        rooms = (width - _CELL_GAP_MM for width in self._widths)
        return [_clipped(cell, room, _SIZE) for cell, room in zip(cells, rooms, strict=True)]


def _clipped(text: str, room_mm: float, size_pt: float) -> list[str]:
    """Return the lines of a text, three at most, the middle of the rest left out."""
    lines = fill(text, room_mm, size_pt)
    rest = " ".join(lines[_MOST_LINES - 1 :])
    return [*lines[: _MOST_LINES - 1], *([shortened(rest, room_mm, size_pt)] if rest else [])]


def _fitted(sheet: PatientSheet, room_mm: float) -> list[_Block]:
    """Return the tables that have rows; that of what lies outside takes what the other leaves."""
    reasons = [_Block(sheet.not_applied, room_mm)] if sheet.not_applied.lines else []
    for block in reasons:
        room_mm -= block.height + _GAP_MM
    outside = [_Block(sheet.outside, room_mm)] if sheet.outside.lines else []
    return [*outside, *reasons]


def _write(
    page: Axes, lines: Sequence[str], x: float, top: float, size: float, **look: str
) -> float:
    """Write lines below each other; returns where they end, in millimetres from the top."""
    for line in lines:
        page.text(x, top + line_height_mm(size) / 2, line, size=size, va="center", **look)
        top += line_height_mm(size)
    return top
