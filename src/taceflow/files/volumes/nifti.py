"""Where the values of a NIfTI file lie, and what its header states of its grid."""

import re
import zlib
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from taceflow.files.volumes.layout import Layout, plain, unzipped

_GZIP, _BEGIN = b"\x1f\x8b", 4096
_LONGEST_EXTENSION = 1 << 30
_NIFTI_HEADERS = (348, 540)
_NIFTI_FLAG = 4
"""Bytes after the header that say whether it goes on; the voxels come behind them."""
_NIFTI_KINDS = {
    **{2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8"},
    **{256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"},
}


def is_nifti(file: str) -> bool:
    """Tell by its name whether a file is NIfTI, in one file or in two."""
    return file.lower().removesuffix(".gz").endswith((".nii", ".hdr", ".img"))


def nifti_layout(file: str, reader: sitk.ImageFileReader) -> Layout | None:
    """Find where the values of a NIfTI file, or of a pair of header and image, are.

    Parameters
    ----------
    file : str
        ``.nii``, ``.hdr`` or ``.img``, packed or not.
    reader : SimpleITK.ImageFileReader
        Which has read its header.

    Returns
    -------
    Layout or None
        None if its values are of no plain kind.

    Raises
    ------
    ValueError
        If the geometry holds what is no number, or the voxels begin where none can.

    Notes
    -----
    https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h
    """
    kind = _NIFTI_KINDS.get(int(reader.GetMetaData("datatype")))
    if kind is None:
        return None
    head, data = _pair(file)
    first, _ = _begin(head)
    _, is_compressed = _begin(data)
    order = "<" if int.from_bytes(first[:4], "little") in _NIFTI_HEADERS else ">"
    pixdim, qform, sform, start = _stated_facts(first, order)
    has_sform, has_qform = (
        int(reader.GetMetaData(code)) > 0 for code in ("sform_code", "qform_code")
    )
    if not np.isfinite([*(sform if has_sform else ()), *(qform if has_qform else ())]).all():
        raise ValueError("its orientation or origin is no number")
    size = int.from_bytes(first[:4], "little" if order == "<" else "big")
    least = size + _NIFTI_FLAG if head == data else 0
    if not least <= start < _LONGEST_EXTENSION:
        raise ValueError(f"its header puts the first voxel at byte {start:g}")
    slope = float(reader.GetMetaData("scl_slope"))
    return Layout(
        str(data),
        0 if is_compressed else int(start),
        int(start) if is_compressed else 0,
        np.dtype(order + kind),
        unzipped if is_compressed else plain,
        slope or 1.0,
        float(reader.GetMetaData("scl_inter")) if slope else 0.0,
        states_spacing=bool(np.isfinite(pixdim[1:]).all() and (pixdim[1:] > 0).all()),
        states_orientation=has_sform or has_qform,
        forms=(_affine(pixdim, qform), sform.reshape(3, 4)) if has_sform and has_qform else None,
    )


def _pair(file: str) -> tuple[Path, Path]:
    """Return the file that holds the header and the one that holds the voxels."""
    parts = re.fullmatch(r"(?is)(.*)\.(hdr|img)(\.gz)?", file)
    if parts is None:
        return Path(file), Path(file)
    ends = [".hdr", ".hdr.gz"], [".img", ".img.gz"]
    given = Path(file)
    found = [
        given
        if parts[2].lower() == kind[0][1:]
        else next(filter(Path.exists, (Path(parts[1] + end) for end in kind)), given)
        for kind in ends
    ]
    return found[0], found[1]


def _begin(file: Path) -> tuple[bytes, bool]:
    """Return the first bytes of a file, unpacked, and whether it is packed."""
    with file.open("rb") as opened:
        first = opened.read(_BEGIN)
    is_compressed = first.startswith(_GZIP)
    if is_compressed:
        first = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(first, _BEGIN)
    return first, is_compressed


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
    a, b, c, d = np.array([real, *imaginary]) / np.linalg.norm([real, *imaginary])
    turn = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    steps = turn * (pixdim[1:] * [1, 1, -1 if pixdim[0] < 0 else 1])
    return np.column_stack([steps, qform[3:]])
