"""Pictures as data that a page carries inside itself."""

import base64
from io import BytesIO
from pathlib import Path

from PIL import Image

_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
_QUALITY = 80


def embedded(path: str) -> str:
    """Return a figure as a data URI.

    An SVG goes in as an image of its own rather than into the page's markup: the identifiers
    inside two figures of one style would otherwise be the same ones.

    Parameters
    ----------
    path : str
        An ``.svg`` or ``.png`` file.

    Returns
    -------
    str
    """
    file = Path(path)
    return _data_uri(_KINDS[file.suffix], file.read_bytes())


def thumbnail(path: str, width: int = 420) -> str:
    """Return a small JPEG of a picture as a data URI.

    Parameters
    ----------
    path : str
        A picture that Pillow reads.
    width : int
        Pixels across; a smaller picture keeps its size.

    Returns
    -------
    str
    """
    with Image.open(path) as picture:
        small = picture.convert("RGB")
    small.thumbnail((width, 10 * width))
    buffer = BytesIO()
    small.save(buffer, "JPEG", quality=_QUALITY)
    return _data_uri("image/jpeg", buffer.getvalue())


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
