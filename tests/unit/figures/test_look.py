"""What a journal asks of figures."""

import os
import subprocess
import sys

import pytest
from PIL import Image

from taceflow.errors import ConfigurationError
from taceflow.wording.lettering import write_in

DRAWN = """
import sys
from taceflow.figures.style import new_figure, save_figure, set_look

look = {"font": sys.argv[1], "svg_text": sys.argv[2], "decimal_mark": "point"}
set_look(look | {"width_mm": {"column": 85, "page": 178}, "colours": "okabe_ito"})
figure = new_figure(85, 40)
figure.subplots().set_xlabel("Months since TACE")
save_figure(figure, [f"{sys.argv[3]}/a.svg", f"{sys.argv[3]}/a.tiff"], title="A figure")
"""


@pytest.fixture
def drawn(tmp_path, root):
    """Draw in a process of its own: the look is that of a process."""

    def draw(font, svg_text):
        folder = tmp_path / f"{font}{svg_text}"
        folder.mkdir()
        own = os.environ | {"PYTHONPATH": str(root / "src")}
        subprocess.run([sys.executable, "-c", DRAWN, font, svg_text, folder], check=True, env=own)
        return folder

    return draw


def test_letters_are_paths_or_text_that_can_be_edited(drawn):
    paths, text = ((drawn("DejaVu Sans", kind) / "a.svg").read_text() for kind in ("paths", "text"))
    assert "<text" not in paths
    assert ">Months since TACE</text>" in text


def test_the_font_is_the_one_that_was_asked_for(drawn):
    svg = (drawn("DejaVu Serif", "text") / "a.svg").read_text()
    assert "font-size: 7px; font-family: 'DejaVu Serif'" in svg


def test_a_tiff_has_600_dots_an_inch(drawn):
    with Image.open(drawn("DejaVu Sans", "paths") / "a.tiff") as picture:
        assert picture.info["compression"] == "tiff_lzw"
        assert picture.info["dpi"] == (600, 600)
        assert picture.size == (int(85 / 25.4 * 600), int(40 / 25.4 * 600))


def test_a_font_that_is_not_there_is_named_with_the_nearest():
    with pytest.raises(ConfigurationError, match=r"figures\.font is 'Dejavu Sanz'.*DejaVu Sans"):
        write_in("Dejavu Sanz")
