"""Where the values of an image file lie, and how their bytes are read."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

import numpy as np

_CHUNK = 1 << 20


class Layout(NamedTuple):
    """Where the values of a file are.

    Attributes
    ----------
    file : str
        The file that holds them, not always the one that holds the header.
    start : int
        Byte of that file at which the stream begins.
    skip : int
        Bytes of the stream before the values.
    kind : numpy.dtype
        Of a value.
    chunks : callable
        Reads the stream from an opened file.
    slope, intercept : float
        What the header asks to do with the values.
    states_spacing, states_orientation : bool
        Whether the header does; SimpleITK takes 1 mm and the patient's axes for what is not there.
    forms : tuple of numpy.ndarray or None
        Of a NIfTI header that states two geometries: from voxels to mm by its qform and by its
        sform, shape (3, 4) each.
    """

    file: str
    start: int
    skip: int
    kind: np.dtype
    chunks: Callable[[BinaryIO], Iterator[bytes]]
    slope: float = 1.0
    intercept: float = 0.0
    states_spacing: bool = True
    states_orientation: bool = True
    forms: tuple[np.ndarray, np.ndarray] | None = None


def plain(opened: BinaryIO) -> Iterator[bytes]:
    """Yield what is left of an opened file."""
    yield from iter(lambda: opened.read(_CHUNK), b"")


def unzipped(opened: BinaryIO) -> Iterator[bytes]:
    """Yield what is left of an opened file, unpacked by gzip."""
    with gzip.open(opened) as stream:
        yield from iter(lambda: stream.read(_CHUNK), b"")


def inflated(opened: BinaryIO) -> Iterator[bytes]:
    """Yield what is left of an opened file, unpacked by zlib."""
    inflate = zlib.decompressobj()
    for chunk in plain(opened):
        while chunk:
            yield inflate.decompress(chunk, _CHUNK)
            chunk = inflate.unconsumed_tail
