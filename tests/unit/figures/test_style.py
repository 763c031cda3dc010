"""The common style: sizes, fonts, and the same bytes for the same figure."""

import re

import matplotlib
import pytest
from matplotlib.colors import to_rgb

from taceflow.figures import style
from taceflow.models import MODELS


def draw():
    figure = style.new_figure(style.ONE_COLUMN_MM, 50)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], label="a line")
    axes.set_xlabel("Months")
    axes.legend()
    return figure


def write(folder, figure):
    folder.mkdir()
    outputs = [folder / f"figure.{suffix}" for suffix in ("svg", "pdf", "png")]
    style.save_figure(figure, outputs, title="A figure")
    return outputs


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    first = write(tmp_path / "first", draw())
    second = write(tmp_path / "second", draw())
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_no_date_is_stored(tmp_path):
    svg, pdf, png = write(tmp_path / "made", draw())
    assert "<dc:date>" not in svg.read_text()
    assert b"CreationDate" not in pdf.read_bytes()
    assert b"Software" not in png.read_bytes()


def test_pdf_embeds_truetype_and_svg_needs_no_font(tmp_path):
    svg, pdf, _ = write(tmp_path / "made", draw())
    assert b"/FontFile2" in pdf.read_bytes()
    assert b"/Type3" not in pdf.read_bytes()
    text = svg.read_text()
    assert "<text" not in text
    assert "<!-- Months -->" in text


def test_a_column_is_85_mm_wide(tmp_path):
    svg, _, png = write(tmp_path / "made", draw())
    width = float(re.search(r'width="([\d.]+)pt"', svg.read_text()).group(1))
    assert width / 72 * 25.4 == pytest.approx(85, abs=0.1)
    assert matplotlib.image.imread(png).shape[1] == pytest.approx(85 / 25.4 * 300, abs=1)


def test_nothing_is_left_behind_when_writing_fails(tmp_path):
    with pytest.raises(KeyError):
        style.save_figure(draw(), [tmp_path / "figure.gif"], title="A figure")
    assert list(tmp_path.iterdir()) == []


def test_a_figure_in_words_holds_its_reason():
    figure = style.not_drawn("No feature was selected. " * 8, "Figure S2 D")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts[0] == "Figure S2 D"
    assert " ".join(texts[1].split()) == ("No feature was selected. " * 8).strip()


def test_colours_of_the_palette_differ_in_lightness_or_hue_for_every_colour_vision():
    # Machado et al. 2009, severity 1; columns are red, green, blue
    deuteranopia = [(0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)]
    protanopia = [(0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)]
    for matrix in (deuteranopia, protanopia):
        seen = [
            tuple(sum(a * b for a, b in zip(row, to_rgb(colour), strict=True)) for row in matrix)
            for colour in style.PALETTE
        ]
        for position, one in enumerate(seen):
            for other in seen[position + 1 :]:
                assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 > 0.12


def test_each_model_has_a_line_of_its_own():
    assert set(style.MODEL_LINES) == {*MODELS, "treat_all", "treat_none"}
    assert len(set(style.MODEL_LINES.values())) == len(style.MODEL_LINES)


def test_a_dollar_sign_is_no_mathematics():
    figure = style.new_figure(80, 20)
    figure.text(0, 0.5, "cost ($) by {$}_{")
    figure.canvas.draw()


def test_letters_that_no_font_has_are_told_once(tmp_path, caplog, recwarn):
    figure = style.new_figure(80, 20)
    # of the private use area: no font has them
    figure.text(0, 0.5, "\ue123\ue124 is a label")
    style.save_figure(figure, [tmp_path / f"made.{kind}" for kind in ("svg", "pdf")], title="Made")
    (told,) = caplog.records
    assert "2 letters of this figure are empty boxes" in told.message
    assert not recwarn.list
