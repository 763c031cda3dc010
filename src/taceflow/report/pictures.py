"""Pictures as data that a page carries inside itself."""

import base64
import re
from io import BytesIO
from pathlib import Path

from PIL import Image

from taceflow.errors import InputError
from taceflow.files.stored_files import damaged, reading

_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
_ENDS = {".svg": b"</svg>", ".png": b"IEND\xaeB`\x82"}
_QUALITY = 80


def embedded(path: str) -> str:
    """Return an ``.svg`` or ``.png`` file as a data URI.

    An SVG goes in as an image of its own rather than into the page's markup: the identifiers
    inside two figures of one style would otherwise be the same ones.

    Raises
    ------
    DamagedFileError
        If the picture is cut.
    """
    return _data_uri(_KINDS[Path(path).suffix], _content(path))


def svg_width_mm(path: str) -> float:
    """Return the printed width of an SVG file.

    Raises
    ------
    InputError
        If its first element names no width in points.
    """
    found = re.search(r'<svg[^>]*?\bwidth="([\d.]+)pt"', Path(path).read_text(encoding="utf-8"))
    if found is None:
        raise InputError("the picture has no width in points", file=path)
    return float(found.group(1)) / 72 * 25.4


def thumbnail(path: str, width: int = 420, *, output: str | None = None) -> str:
    """Return a small JPEG of a picture as a data URI.

    Parameters
    ----------
    path : str
        A picture that Pillow reads; one that is cut is a `DamagedFileError`.
    width : int
        Pixels across; a smaller picture keeps its size.
    output : str, optional
        The folder to delete if a picture in it is damaged; else the picture.
    """
    content = _content(path, output)
    with reading(path, output=output), Image.open(BytesIO(content)) as picture:
        small = picture.convert("RGB")
    small.thumbnail((width, 10 * width))
    buffer = BytesIO()
    small.save(buffer, "JPEG", quality=_QUALITY)
    return _data_uri("image/jpeg", buffer.getvalue())


def _content(path: str, output: str | None = None) -> bytes:
    """Return a picture's bytes; a browser draws half a file without a word."""
    with reading(path, output=output):
        content = Path(path).read_bytes()
    if not content.rstrip().endswith(_ENDS[Path(path).suffix]):
        raise damaged(path, "is cut or damaged", output=output)
    return content


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
