"""How much room a text takes in print, and how it is made to fit."""

import re
from functools import cache
from itertools import accumulate

from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.textpath import text_to_path

from taceflow.errors import ConfigurationError
from taceflow.wording.messages import nearest

_OTHER_SCRIPTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Yu Gothic",
    "Malgun Gothic",
    "Arial Unicode MS",
)
FONTS = ["DejaVu Sans", *sorted({font.name for font in fontManager.ttflist} & set(_OTHER_SCRIPTS))]
"""Matplotlib ships the first, and a figure then looks the same on every machine. What it has no
letters for, labels in Chinese, Japanese or Korean, is written in what is installed."""

_MM_PER_POINT = 25.4 / 72
_MEASURED_PT = 100.0
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_BREAKS = "_-/.=,"
"""Behind these a word may be broken that is wider than its line."""


def write_in(font: str) -> None:
    """Take a font before all others, in this process.

    Raises
    ------
    ConfigurationError
        If this machine does not have it.
    """
    known = sorted({one.name for one in fontManager.ttflist})
    if font not in known:
        raise ConfigurationError(
            f"figures.font is '{font}', which this machine does not have{nearest(font, known)}: "
            "install it, delete matplotlib's font cache (matplotlib.get_cachedir()), or leave "
            "figures.font as it was"
        )
    FONTS[:] = [font, *(one for one in FONTS if one != font)]
    _advance.cache_clear()


def width_mm(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Return the width of one line of text in the figures' font."""
    return _advance(text, bold) * size_pt / _MEASURED_PT * _MM_PER_POINT


def line_height_mm(size_pt: float) -> float:
    """Return the height of a line of text."""
    return size_pt * _MM_PER_POINT * 1.35


def fill(text: str, room_mm: float, size_pt: float, *, bold: bool = False) -> list[str]:
    """Break a text into lines that fit a printed width.

    Parameters
    ----------
    text : str
        Words; a no-break space keeps two together.
    room_mm : float
        Width of the lines. A word that is wider is broken, behind a joining sign if it has one.
    size_pt : float
        Size of the letters.
    bold : bool
        Whether they are bold.

    Returns
    -------
    list of str
        One at least.
    """

    def fits(line: str) -> bool:
        return width_mm(line, size_pt, bold=bold) <= room_mm

    lines, line = [], ""
    for word in re.split(r"[ \t\n]+", text.strip(" \t\n")):
        longer = f"{line} {word}" if line else word
        if fits(longer):
            line = longer
            continue
        lines += [line] if line else []
        line = word
        while not fits(line) and len(line) > 1:
            heads = list(accumulate(line))
            most = max((n for n, head in enumerate(heads, 1) if fits(head)), default=1)
            joints = [n for n in range(2, most + 1) if line[n - 1] in _BREAKS]
            at = joints[-1] if joints else most
            lines.append(line[:at])
            line = line[at:]
    return [*lines, line]


def shortened(text: str, room_mm: float, size_pt: float) -> str:
    """Return a text that fits one line, its middle left out if it must be.

    Names of features say at both ends what they are: the image at the first, the statistic at the
    last.
    """
    if width_mm(text, size_pt) <= room_mm:
        return text
    for kept in range(len(text) - 1, 1, -1):
        head = (kept + 1) // 2
        short = text[:head] + _ELLIPSIS + text[len(text) - (kept - head) :]
        if width_mm(short, size_pt) <= room_mm:
            return short
    return _ELLIPSIS


@cache
def _advance(text: str, bold: bool) -> float:
    """Return the width in points of letters of `_MEASURED_PT`."""
    font = FontProperties(family=list(FONTS), weight="bold" if bold else "normal")
    font.set_size(_MEASURED_PT)
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0])
