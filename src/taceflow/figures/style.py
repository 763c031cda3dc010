"""The look of every figure, and the one way a figure is written.

Fonts: DejaVu Sans, because matplotlib ships it and a figure then looks the same on every machine.
PDF embeds it as TrueType (type 42: text stays text in an editor). SVG draws glyphs as paths: a
viewer without the font, a browser or a report that inlines the picture, shows the same letters;
matplotlib leaves each text beside its paths as a comment, so that a file can still be searched.
"""

import logging
import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, Formatter

from taceflow.files.atomic import atomic_path
from taceflow.models import MODELS
from taceflow.wording.colours import GREY, NAMED, colours_of
from taceflow.wording.decimal_mark import with_mark
from taceflow.wording.lettering import FONTS, fill, line_height_mm, write_in

_LOG = logging.getLogger(__name__)

ONE_COLUMN_MM = 85.0
"""Width of one column of a journal's page, where the configuration names no other."""

TWO_COLUMNS_MM = 178.0
"""Width of a journal's page, likewise, and of what is written of a new patient."""

RC = {
    "axes.axisbelow": True,
    "axes.labelsize": 7,
    "axes.prop_cycle": cycler(color=NAMED["okabe_ito"]),
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 7.5,
    "axes.titleweight": "bold",
    "font.family": list(FONTS),
    "font.size": 7,
    "legend.fontsize": 6,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.1,
    "lines.markersize": 3,
    "mathtext.default": "regular",
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "taceflow",
    # a dollar sign in a label of the user's is one, not mathematics
    "text.parse_math": False,
    "xtick.labelsize": 6.5,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.labelsize": 6.5,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
}
"""One set of parameters for all figures."""

BLACK = "#000000"
LIGHT_GREY = "#D9D9D9"
OUTLINE = "#009E73"
"""On images, where black, white, blue and red say something else."""

PALETTE = [f"C{place}" for place in range(len(NAMED["okabe_ito"]))]
"""The colours of lines and groups, as matplotlib calls those of the process."""

BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY = PALETTE[:6]
"""By what they are in the configuration's default."""

DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.2, 1.2, 1.2)), (0, (8, 2)))
"""Line styles beside the colours, for print in grey."""

DIVERGING = "RdBu_r"
"""Colour map around zero."""

COHORT_COLOURS = {"training": BLUE, "validation": ORANGE, "external": GREEN}

_MODEL_COLOURS = (GREEN, ORANGE, BLUE, VERMILLION, PURPLE)

MODEL_LINES = {
    # a sixth model has the first one's colour with another dash
    **{
        model: (_MODEL_COLOURS[place % 5], DASHES[(place + place // 5) % 5])
        for place, model in enumerate(MODELS)
    },
    "treat_all": (GREY, DASHES[0]),
    "treat_none": (BLACK, DASHES[0]),
}
"""Colour and line style of each model and strategy; no two have both alike."""

_LOOK: dict[str, Any] = {
    "decimal_mark": "point",
    "width_mm": {"column": ONE_COLUMN_MM, "page": TWO_COLUMNS_MM},
}

_PANEL_MM = 55.0
"""Narrower panels have no room for a legend with an interval."""

_FONT = FONTS[0]

_MISSING = re.compile(r"Glyph (\d+) .* missing from")
_RASTER_DPI = {".png": 300, ".svg": 450, ".pdf": 450, ".tiff": 600}
_MM_PER_INCH = 25.4


def set_look(look: Mapping[str, Any]) -> None:
    """Draw all figures of this process as a journal asks for.

    Parameters
    ----------
    look : mapping
        ``font``: a family that the machine has; ``svg_text``: ``paths``, or ``text`` that an editor
        of drawings can change, in that font or in what the viewer takes for it; ``decimal_mark``:
        one of `taceflow.wording.decimal_mark.MARKS`; ``width_mm``: ``column`` and ``page`` of the
        journal; ``colours``: as `taceflow.wording.colours.colours_of`.

    Raises
    ------
    ConfigurationError
        If there is no such font.
    """
    write_in(look["font"])
    RC["font.family"] = list(FONTS)
    RC["svg.fonttype"] = {"paths": "path", "text": "none"}[look["svg_text"]]
    colours = colours_of(look["colours"])
    RC["axes.prop_cycle"] = cycler(color=colours)
    PALETTE[:] = [f"C{place}" for place in range(len(colours))]
    _LOOK.update((key, look[key]) for key in _LOOK)


def column_mm() -> float:
    """Return the width of one column of the journal's page."""
    return _LOOK["width_mm"]["column"]


def page_mm() -> float:
    """Return the width of the journal's page."""
    return _LOOK["width_mm"]["page"]


def new_figure(width_mm: float, height_mm: float, layout: str | None = "constrained") -> Figure:
    """Return an empty figure of a given printed size in the common style.

    Without a layout engine of matplotlib's, axes are placed by hand.
    """
    matplotlib.rcParams.update(RC)
    return Figure(figsize=(width_mm / _MM_PER_INCH, height_mm / _MM_PER_INCH), layout=layout)


def axes_in_mm(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Add axes at a place that is given in millimetres from the figure's lower left corner."""
    full_width, full_height = (inch * _MM_PER_INCH for inch in figure.get_size_inches())
    return figure.add_axes(
        (left / full_width, bottom / full_height, width / full_width, height / full_height)
    )


def most_columns(count: int) -> int:
    """Return how many panels stand beside each other: three, if the page has room for legends."""
    return min(count, 3 if page_mm() / 3 >= _PANEL_MM else 2)


def square_panels(count: int, below_mm: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with square panels side by side: one at one column, more over the page.

    More than three are set in rows of three, of two on a narrow page, with `below_mm` of room under
    each for its legend.
    """
    columns = most_columns(count)
    rows = math.ceil(count / columns)
    width = column_mm() if columns == 1 else page_mm()
    cell = width / columns
    side = min(cell - 15, 58.0 * column_mm() / ONE_COLUMN_MM)
    row = side + 17 + below_mm
    figure = new_figure(width, rows * row, layout=None)
    panels = [
        axes_in_mm(
            figure,
            position % columns * cell + 12,
            (rows - 1 - position // columns) * row + 11 + below_mm,
            side,
            side,
        )
        for position in range(count)
    ]
    return figure, panels


def unit_square(axes: Axes, x_label: str, y_label: str, title: str) -> None:
    """Set a panel of `square_panels` from 0 to 1, with its diagonal."""
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.6, linestyle=":")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.set_title(title, loc="left")


def legend_below(axes: Axes, columns: int = 1) -> None:
    """Write a legend under the axis title of a panel of `square_panels`.

    Inside the panel it would hide the curve of a poor model. Where all panels have the same one,
    the first has it for all, in so many columns.
    """
    height_mm = axes.get_position().height * axes.figure.get_size_inches()[1] * _MM_PER_INCH
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0, -10 / height_mm),
        borderaxespad=0,
        labelspacing=0.25,
        handlelength=2.4,
        ncols=columns,
    )


def not_drawn(reason: str, title: str) -> Figure:
    """Return a figure that states in full sentences why what it should show is not drawn."""
    lines = fill(reason, column_mm() - 12, RC["font.size"])
    height = 18 + len(lines) * line_height_mm(RC["font.size"])
    figure = new_figure(column_mm(), height, layout=None)
    axes = axes_in_mm(figure, 2, 2, column_mm() - 4, height - 4)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, color=LIGHT_GREY)
    top = 1 - 5 / (height - 4)
    axes.text(0.05, top, title, weight="bold", va="center", transform=axes.transAxes)
    axes.text(
        0.05,
        top - 4 / (height - 4),
        "\n".join(lines),
        va="top",
        linespacing=1.35,
        transform=axes.transAxes,
    )
    return figure


def save_figure(figure: Figure, outputs: Sequence[str | Path], *, title: str) -> None:
    """Write a figure to each output whole; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    outputs : sequence of path
        Files that end in ``.svg``, ``.pdf``, ``.png`` or ``.tiff``.
    title : str
        Stored in the files' metadata; no date is.
    """
    said: dict[str, dict[str, Any]] = {
        ".svg": {"metadata": {"Title": title, "Date": None}},
        ".pdf": {"metadata": {"Title": title, "CreationDate": None}},
        ".png": {"metadata": {"Title": title, "Software": None}},
        ".tiff": {"pil_kwargs": {"compression": "tiff_lzw"}},
    }
    matplotlib.rcParams.update(RC)
    with warnings.catch_warnings(record=True) as told, _numbers_marked(figure):
        warnings.simplefilter("always")
        if figure.get_layout_engine() is not None and not _is_usual():
            _keep_ticks(figure)
        for output in outputs:
            suffix = Path(output).suffix
            with atomic_path(output) as temporary:
                figure.savefig(
                    temporary,
                    format=suffix[1:],
                    dpi=_RASTER_DPI[suffix],
                    facecolor="white",
                    **said[suffix],
                )
    if missing := {found[1] for one in told if (found := _MISSING.match(str(one.message)))}:
        _LOG.warning(
            "%d letters of this figure are empty boxes, for no font of this machine has them: "
            "install Noto Sans CJK (fonts-noto-cjk), or write labels in Latin letters",
            len(missing),
        )
    for one in told:
        if not _MISSING.match(str(one.message)):
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def _keep_ticks(figure: Figure) -> None:
    """Keep the ticks that a first layout gives.

    Matplotlib chooses them anew for the room that their labels leave, and does not look again
    whether labels that are now longer still lie on paper. In the usual font and widths they do.
    """
    figure.draw_without_rendering()
    for axis in _axes_of(figure):
        axis.set_major_locator(FixedLocator(axis.get_majorticklocs()))


def _axes_of(figure: Figure) -> list[Axis]:
    return [axis for axes in figure.findobj(Axes) for axis in (axes.xaxis, axes.yaxis)]


def _is_usual() -> bool:
    return FONTS[0] == _FONT and (column_mm(), page_mm()) == (ONE_COLUMN_MM, TWO_COLUMNS_MM)


class _Marked(Formatter):
    """The tick labels of another formatter, with the decimal mark of this process."""

    def __init__(self, plain: Formatter) -> None:
        self.plain = plain

    def __call__(self, value: float, place: int | None = None) -> str:
        return _marked(self.plain(value, place))

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        return [_marked(text) for text in self.plain.format_ticks(values)]

    def get_offset(self) -> str:
        return _marked(self.plain.get_offset())


@contextmanager
def _numbers_marked(figure: Figure) -> Iterator[None]:
    """Give every number of a figure its decimal mark while it is written."""
    if _LOOK["decimal_mark"] == "point":
        yield
        return
    texts = {text: text.get_text() for text in figure.findobj(Text)}
    tickers = [ticker for axis in _axes_of(figure) for ticker in (axis.major, axis.minor)]
    ticks = {ticker: ticker.formatter for ticker in tickers}
    for text, plain in texts.items():
        text.set_text(_marked(plain))
    for ticker, plain in ticks.items():
        ticker.formatter = _Marked(plain)
    try:
        yield
    finally:
        for text, plain in texts.items():
            text.set_text(plain)
        for ticker, plain in ticks.items():
            ticker.formatter = plain


def _marked(text: str) -> str:
    return with_mark(text, _LOOK["decimal_mark"])
