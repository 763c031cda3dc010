"""Texts are measured as they are drawn, broken and shortened to the room there is."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from taceflow.figures.style import new_figure
from taceflow.wording.lettering import fill, shortened, width_mm

NAME = "wavelet-HLL_glszm_SmallAreaLowGrayLevelEmphasis"


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("text", [NAME, "iiii", "WWWW", "n = 12, HR 1.43 (1.08–1.90)"])
def test_width_is_that_of_the_drawn_text(text, bold):
    figure = new_figure(80, 20)
    drawn = figure.text(0, 0.5, text, size=7, weight="bold" if bold else "normal")
    figure.dpi = 1000
    box = drawn.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    assert width_mm(text, 7, bold=bold) == pytest.approx(box.width / 1000 * 25.4, rel=0.02)


def test_lines_fit_and_keep_every_letter():
    text = f"the mask has no voxel on the grid of {NAME} which is broken"
    lines = fill(text, 30, 6)
    assert all(width_mm(line, 6) <= 30 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert any(line.endswith("_") for line in lines)
    assert fill("", 30, 6) == [""]
    assert fill("up to n\u00a0=\u00a03", 8, 6) == ["up to", "n\u00a0=\u00a03"]


def test_a_name_keeps_both_its_ends():
    short = shortened(NAME, 30, 6)
    assert width_mm(short, 6) <= 30
    assert short.startswith("wavelet-")
    assert short.endswith("Emphasis")
    assert shortened(NAME, 100, 6) == NAME
    assert shortened(NAME, 0.1, 6) == "…"
