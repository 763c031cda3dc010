"""What a figure shows on paper: every text that is drawn, where, and how large."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

_APART_PT = 1.0
"""Words of one line that are nearer run into each other."""


@dataclass(frozen=True)
class Drawn:
    """A text on paper; the box is in points from the lower left corner of the figure."""

    text: str
    size: float
    left: float
    bottom: float
    right: float
    top: float

    def touches(self, other: "Drawn") -> bool:
        """Whether two texts overlap, but for the room above and below letters, or run together."""
        across = min(self.right, other.right) - max(self.left, other.left)
        upright = min(self.top, other.top) - max(self.bottom, other.bottom)
        return across > -_APART_PT and upright > 0.22 * min(
            self.top - self.bottom, other.top - other.bottom
        )


@contextmanager
def _recorded(found: list[Text]) -> Iterator[None]:
    plain = Text.draw

    def draw(text: Text, renderer: object, *args: object, **more: object) -> None:
        if text.get_visible() and text.get_text().strip():
            found.append(text)
        plain(text, renderer, *args, **more)

    Text.draw = draw
    try:
        yield
    finally:
        Text.draw = plain


def texts_on_paper(figure: Figure) -> list[Drawn]:
    """Return the texts that are really drawn (a tick beyond the axis is not)."""
    canvas = FigureCanvasAgg(figure)
    found: list[Text] = []
    with _recorded(found):
        canvas.draw()
    scale = 72 / figure.dpi
    boxes = []
    for text in dict.fromkeys(found):
        box = text.get_window_extent(canvas.get_renderer())
        edges = (scale * edge for edge in (box.x0, box.y0, box.x1, box.y1))
        boxes.append(Drawn(text.get_text(), text.get_fontsize(), *edges))
    return boxes


def faults_on_paper(figure: Figure, smallest_pt: float = 6.0) -> list[str]:
    """Return what an editor would send back: small texts, those cut off, those on each other."""
    texts = texts_on_paper(figure)
    width, height = 72 * figure.get_size_inches()
    faults = [
        f"{one.text!r} leaves the figure by {beyond:.1f} pt"
        for one in texts
        if (beyond := max(-one.left, -one.bottom, one.right - width, one.top - height)) > 0.5
    ]
    faults += [f"{one.text!r} has {one.size} pt" for one in texts if one.size < smallest_pt]
    faults += [
        f"{one.text!r} lies on {other.text!r}"
        for one, other in combinations(texts, 2)
        if one.touches(other)
    ]
    return faults


def sizes_in_print(figure: Figure) -> dict[str, float]:
    """Return the size of each text of the SVG in points, at the width that the file states."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    svg = buffer.getvalue()
    found = re.findall(r"<!-- (.*?) -->\s*<g[^>]*?scale\(([\d.]+) -[\d.]+\)", svg, flags=re.DOTALL)
    assert len(found) == svg.count("<!-- ")
    # glyphs are drawn 100 points high and scaled
    return {text: 100 * float(scale) for text, scale in found}


def texts_of(figure: Figure) -> list[str]:
    """Return texts, titles, labels and legends, drawn or not."""
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    for axes in figure.axes:
        found += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
        found += [label.get_text() for label in axes.get_yticklabels()]
    legends = [*(axes.get_legend() for axes in figure.axes), *figure.legends]
    return found + [text.get_text() for legend in legends if legend for text in legend.get_texts()]


@pytest.fixture
def texts() -> Callable[[Figure], list[str]]:
    """All that is written in a figure."""
    return texts_of


@pytest.fixture
def faults() -> Callable[[Figure, float], list[str]]:
    """Texts of a figure that are small, overlap or leave it."""
    return faults_on_paper


@pytest.fixture
def sizes() -> Callable[[Figure], dict[str, float]]:
    """Sizes of a figure's texts in print."""
    return sizes_in_print
