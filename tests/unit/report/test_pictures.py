"""Pictures inside a page: whole, no larger than they are shown."""

import base64
from io import BytesIO

import pytest
from PIL import Image

from taceflow.errors import DamagedFileError, InputError
from taceflow.report.pictures import embedded, svg_width_mm, thumbnail


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    Image.new("RGBA", (1200, 300), (200, 30, 30, 255)).save(path)
    return path


def content(uri):
    kind, data = uri.split(";base64,")
    return kind, base64.b64decode(data)


def test_a_figure_goes_in_as_it_is(picture):
    assert content(embedded(str(picture))) == ("data:image/png", picture.read_bytes())


@pytest.mark.parametrize(("asked", "size"), [(400, (400, 100)), (5000, (1200, 300))])
def test_a_small_picture_keeps_its_shape_and_is_never_enlarged(picture, asked, size):
    kind, data = content(thumbnail(str(picture), asked))
    small = Image.open(BytesIO(data))
    assert (kind, small.format, small.size) == ("data:image/jpeg", "JPEG", size)
    red, green, _ = small.getpixel((5, 5))
    assert red == pytest.approx(200, abs=4)
    assert green == pytest.approx(30, abs=4)


def test_half_a_picture_is_an_error_that_names_what_to_delete(picture):
    picture.write_bytes(picture.read_bytes()[:-20])
    with pytest.raises(DamagedFileError, match=r"Delete the file .*picture\.png"):
        embedded(str(picture))
    with pytest.raises(DamagedFileError, match=f"Delete the folder {picture.parent}"):
        thumbnail(str(picture), 100, output=str(picture.parent))


def test_the_width_in_print_is_the_svgs_own(tmp_path):
    path = tmp_path / "figure.svg"
    path.write_text('<?xml version="1.0"?>\n<svg height="9pt" width="72pt">\n</svg>')
    assert svg_width_mm(str(path)) == pytest.approx(25.4)
    path.write_text("<svg></svg>")
    with pytest.raises(InputError, match="no width in points"):
        svg_width_mm(str(path))
