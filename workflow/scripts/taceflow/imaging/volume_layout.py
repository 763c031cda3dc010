"""Where the values of a NIfTI, NRRD or MHA file lie, and what its header states of its grid."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"

_NIFTI_HEADERS = (348, 540)
_NIFTI_FLAG = 4
"""Bytes after the header that say whether it goes on; the voxels come behind them."""
_NIFTI_KINDS = {
    **{2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8"},
    **{256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"},
}
_KINDS = {
    **{sitk.sitkUInt8: "u1", sitk.sitkInt8: "i1", sitk.sitkUInt16: "u2", sitk.sitkInt16: "i2"},
    **{sitk.sitkUInt32: "u4", sitk.sitkInt32: "i4", sitk.sitkUInt64: "u8", sitk.sitkInt64: "i8"},
    **{sitk.sitkFloat32: "f4", sitk.sitkFloat64: "f8"},
}
_MOST_DIMENSIONS = 10
_HEADER_START = 1 << 16
_LONGEST_HEADER = 1 << 20
_LONGEST_EXTENSION = 1 << 30


class Layout(NamedTuple):
    """Where the values of a file are.

    Attributes
    ----------
    start : int
        Byte of the file at which the stream begins.
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

    start: int
    skip: int
    kind: np.dtype
    chunks: Callable[[BinaryIO], Iterator[bytes]]
    slope: float = 1.0
    intercept: float = 0.0
    states_spacing: bool = True
    states_orientation: bool = True
    forms: tuple[np.ndarray, np.ndarray] | None = None


def is_nifti(file: str) -> bool:
    """Tell by its name whether a file is NIfTI."""
    return file.lower().endswith((".nii", ".nii.gz"))


def check_dimensions(file: str) -> None:
    """Refuse a MetaImage header of more dimensions than ITK has room for: it overruns its memory.

    Parameters
    ----------
    file : str
        Any image.

    Raises
    ------
    ValueError
        With the number.
    """
    if not file.lower().endswith((".mha", ".mhd")):
        return
    with Path(file).open("rb") as opened:
        named = re.findall(rb"NDims\s*=\s*(\d+)", opened.read(_HEADER_START), re.IGNORECASE)
    if any(int(number) > _MOST_DIMENSIONS for number in named):
        raise ValueError(f"its header names {max(map(int, named))} dimensions")


def find_layout(file: str, reader: sitk.ImageFileReader) -> Layout | None:
    """Find where the values of a file are.

    Parameters
    ----------
    file : str
        Any image.
    reader : SimpleITK.ImageFileReader
        Which has read its header.

    Returns
    -------
    Layout or None
        None if it is not one of the plain kinds.

    Raises
    ------
    ValueError
        If the geometry of a NIfTI file holds what is no number, or its voxels begin where
        none can.
    """
    if reader.GetDimension() != 3 or reader.GetNumberOfComponents() != 1:
        return None
    kind = _KINDS.get(reader.GetPixelID())
    if is_nifti(file):
        return _nifti_layout(file, reader)
    if kind is None:
        return None
    with Path(file).open("rb") as opened:
        if file.lower().endswith(".mha"):
            return _meta_layout(opened, kind)
        return _nrrd_layout(opened, kind) if file.lower().endswith(".nrrd") else None


def _nifti_layout(file: str, reader: sitk.ImageFileReader) -> Layout | None:
    """NIfTI: https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h."""
    kind = _NIFTI_KINDS.get(int(reader.GetMetaData("datatype")))
    if kind is None:
        return None
    with Path(file).open("rb") as opened:
        first = opened.read(4096)
    is_compressed = first.startswith(_GZIP)
    if is_compressed:
        first = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(first, 4096)
    order = "<" if int.from_bytes(first[:4], "little") in _NIFTI_HEADERS else ">"
    pixdim, qform, sform, start = _stated_facts(first, order)
    has_sform, has_qform = (
        int(reader.GetMetaData(code)) > 0 for code in ("sform_code", "qform_code")
    )
    if not np.isfinite([*(sform if has_sform else ()), *(qform if has_qform else ())]).all():
        raise ValueError("its orientation or origin is no number")
    least = int.from_bytes(first[:4], "little" if order == "<" else "big") + _NIFTI_FLAG
    if not least <= start < _LONGEST_EXTENSION:
        raise ValueError(f"its header puts the first voxel at byte {start:g}")
    slope = float(reader.GetMetaData("scl_slope"))
    return Layout(
        0 if is_compressed else int(start),
        int(start) if is_compressed else 0,
        np.dtype(order + kind),
        _unzipped if is_compressed else _plain,
        slope or 1.0,
        float(reader.GetMetaData("scl_inter")) if slope else 0.0,
        states_spacing=bool(np.isfinite(pixdim[1:]).all() and (pixdim[1:] > 0).all()),
        states_orientation=has_sform or has_qform,
        forms=(_affine(pixdim, qform), sform.reshape(3, 4)) if has_sform and has_qform else None,
    )


def _stated_facts(first: bytes, order: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return pixdim, qform, sform and the first voxel's byte as they stand in a NIfTI header.

    The library that SimpleITK uses makes 1 mm of a pixdim that is none, 0 of NaN, and a start of a
    byte that is none; SimpleITK prints six digits.
    """
    if int.from_bytes(first[:4], "little" if order == "<" else "big") == _NIFTI_HEADERS[0]:
        kind, pixdim, turn, (start_kind, start) = np.dtype(order + "f4"), 76, 256, ("f4", 108)
    else:
        kind, pixdim, turn, (start_kind, start) = np.dtype(order + "f8"), 104, 352, ("i8", 168)
    turns = np.frombuffer(first, kind, 18, turn).astype(float)
    begins = np.frombuffer(first, np.dtype(order + start_kind), 1, start)
    sizes = np.frombuffer(first, kind, 4, pixdim).astype(float)
    return sizes, turns[:6], turns[6:], float(begins[0])


def _affine(pixdim: np.ndarray, qform: np.ndarray) -> np.ndarray:
    """Return the voxels' steps and origin in mm that a qform means, shape (3, 4)."""
    imaginary = qform[:3]
    real = np.sqrt(max(0.0, 1 - (imaginary**2).sum()))
    turn = Rotation.from_quat([*imaginary, real]).as_matrix()
    steps = turn * (pixdim[1:] * [1, 1, -1 if pixdim[0] < 0 else 1])
    return np.column_stack([steps, qform[3:]])


def _meta_layout(opened: BinaryIO, kind: str) -> Layout | None:
    """MetaImage: https://itk.org/Wiki/ITK/MetaIO/Documentation."""
    facts: dict[str, str] = {}
    while "elementdatafile" not in facts and opened.tell() < _LONGEST_HEADER:
        line = opened.readline(_LONGEST_HEADER)
        if not line:
            return None
        key, _, value = line.decode("latin-1").partition("=")
        facts[key.strip().casefold()] = value.strip().casefold()
    if facts.get("elementdatafile") != "local" or facts.get("binarydata") != "true":
        return None
    if "headersize" in facts:
        return None
    swapped = facts.get("binarydatabyteordermsb", facts.get("elementbyteordermsb")) == "true"
    return Layout(
        opened.tell(),
        0,
        np.dtype((">" if swapped else "<") + kind),
        _inflated if facts.get("compresseddata") == "true" else _plain,
        states_spacing=not facts.keys().isdisjoint(("elementspacing", "elementsize")),
        states_orientation=not facts.keys().isdisjoint(
            ("transformmatrix", "rotation", "orientation")
        ),
    )


def _nrrd_layout(opened: BinaryIO, kind: str) -> Layout | None:
    """NRRD: https://teem.sourceforge.net/nrrd/format.html."""
    facts: dict[str, str] = {}
    while (line := opened.readline(_LONGEST_HEADER).decode("latin-1").strip()) and (
        opened.tell() < _LONGEST_HEADER
    ):
        key, _, value = line.partition(": ")
        facts[key.casefold()] = value.strip().casefold()
    known = {"raw": _plain, "gz": _unzipped, "gzip": _unzipped}
    if facts.get("encoding") not in known or any(
        name in facts
        for name in ("data file", "datafile", "line skip", "lineskip", "byte skip", "byteskip")
    ):
        return None
    directions = facts.get("space directions", "")
    return Layout(
        opened.tell(),
        0,
        np.dtype((">" if facts.get("endian") == "big" else "<") + kind),
        known[facts["encoding"]],
        states_spacing="none" not in directions and bool(directions or facts.get("spacings")),
        states_orientation=bool(directions),
    )


def _plain(opened: BinaryIO) -> Iterator[bytes]:
    yield from iter(lambda: opened.read(_CHUNK), b"")


def _unzipped(opened: BinaryIO) -> Iterator[bytes]:
    with gzip.open(opened) as stream:
        yield from iter(lambda: stream.read(_CHUNK), b"")


def _inflated(opened: BinaryIO) -> Iterator[bytes]:
    inflate = zlib.decompressobj()
    for chunk in _plain(opened):
        while chunk:
            yield inflate.decompress(chunk, _CHUNK)
            chunk = inflate.unconsumed_tail
