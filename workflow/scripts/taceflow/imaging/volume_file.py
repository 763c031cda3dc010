"""Volumes in NIfTI, NRRD and MHA files, slice by slice.

SimpleITK holds a file twice while it reads it, and reads as 0 what is cut off a NIfTI file and what
is NaN there. So it reads the header alone, and the values come from the file in pieces. What has
no plain layout (several files, several values a voxel, other formats) SimpleITK reads as a whole.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"

_NIFTI_HEADERS = (348, 540)
_NIFTI_KINDS = {
    **{2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8"},
    **{256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"},
}
_KINDS = {
    **{sitk.sitkUInt8: "u1", sitk.sitkInt8: "i1", sitk.sitkUInt16: "u2", sitk.sitkInt16: "i2"},
    **{sitk.sitkUInt32: "u4", sitk.sitkInt32: "i4", sitk.sitkUInt64: "u8", sitk.sitkInt64: "i8"},
    **{sitk.sitkFloat32: "f4", sitk.sitkFloat64: "f8"},
}
_LONGEST_HEADER = 1 << 20


class _Layout(NamedTuple):
    """Where the values of a file are."""

    start: int
    skip: int
    kind: np.dtype
    chunks: Callable[[BinaryIO], Iterator[bytes]]
    slope: float = 1.0
    intercept: float = 0.0


class VolumeFile:
    """An image in a file.

    Parameters
    ----------
    file : str
        Any image that SimpleITK reads.
    where : dict
        Stage, patient and file for messages.

    Attributes
    ----------
    header : SimpleITK.ImageFileReader or SimpleITK.Image
        Size, spacing, origin, direction and metadata.
    dimensions, values_a_voxel : int
        3 and 1 for most images.
    is_nifti : bool
        Whether it is a NIfTI file.

    Raises
    ------
    ExclusionError
        If SimpleITK cannot read it.
    """

    def __init__(self, file: str, where: dict[str, str]) -> None:
        self._file, self._where = file, where
        self._image: sitk.Image | None = None
        reader = sitk.ImageFileReader()
        reader.SetFileName(file)
        try:
            reader.ReadImageInformation()
            self.header: sitk.ImageFileReader | sitk.Image = reader
            self._layout = _find_layout(file, reader)
            if self._layout is None:
                self.header = self._image = sitk.ReadImage(file)
            self.dimensions = self.header.GetDimension()
            self.values_a_voxel = 1
            if self._image is not None:
                self.values_a_voxel = self._image.GetNumberOfComponentsPerPixel()
        except RuntimeError as error:
            raise ExclusionError("cannot be read as an image", **where) from error
        self.is_nifti = _is_nifti(file)

    def slices(self) -> Iterator[np.ndarray]:
        """Yield the slices of a 3-D image as stored, or scaled as a NIfTI header asks for.

        Yields
        ------
        numpy.ndarray
            Shape (rows, columns), or (rows, columns, values) if a voxel has several.

        Raises
        ------
        ExclusionError
            If the file ends early.
        """
        if self._image is not None:
            yield from sitk.GetArrayViewFromImage(self._image)
            return
        columns, rows, count = self.header.GetSize()
        layout = self._layout
        size, found = rows * columns * layout.kind.itemsize, 0
        skip, held = layout.skip, bytearray()
        try:
            with Path(self._file).open("rb") as opened:
                opened.seek(layout.start)
                # to the end, where a compressed stream has its checksum
                for chunk in layout.chunks(opened):
                    held += chunk[skip:]
                    skip = max(0, skip - len(chunk))
                    while len(held) >= size and found < count:
                        stored = np.frombuffer(bytes(held[:size]), layout.kind)
                        del held[:size]
                        found += 1
                        yield _scaled(stored.reshape(rows, columns), layout)
                    if found == count:
                        held.clear()
        except (EOFError, OSError, zlib.error) as error:
            raise ExclusionError("is damaged or ends early", **self._where) from error
        if found < count:
            raise ExclusionError("ends early: a part of the file is missing", **self._where)


def place(values: np.ndarray, header: sitk.ImageFileReader | sitk.Image) -> sitk.Image:
    """Return an image of values on the grid of a header, freed of its metadata.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (slices, rows, columns).
    header : SimpleITK.ImageFileReader or SimpleITK.Image
        Spacing, origin and direction.

    Returns
    -------
    SimpleITK.Image
    """
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(header.GetSpacing())
    image.SetOrigin(header.GetOrigin())
    image.SetDirection(header.GetDirection())
    return image


def _scaled(stored: np.ndarray, layout: _Layout) -> np.ndarray:
    if layout.slope == 1 and layout.intercept == 0:
        return stored
    return stored * layout.slope + layout.intercept


def _is_nifti(file: str) -> bool:
    return file.lower().endswith((".nii", ".nii.gz"))


def _find_layout(file: str, reader: sitk.ImageFileReader) -> _Layout | None:
    """Return where the values of a file are, None if it is not one of the plain kinds."""
    if reader.GetDimension() != 3 or reader.GetNumberOfComponents() != 1:
        return None
    kind = _KINDS.get(reader.GetPixelID())
    if _is_nifti(file):
        return _nifti_layout(file, reader)
    if kind is None:
        return None
    with Path(file).open("rb") as opened:
        if file.lower().endswith(".mha"):
            return _meta_layout(opened, kind)
        return _nrrd_layout(opened, kind) if file.lower().endswith(".nrrd") else None


def _nifti_layout(file: str, reader: sitk.ImageFileReader) -> _Layout | None:
    """NIfTI: https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h."""
    kind = _NIFTI_KINDS.get(int(reader.GetMetaData("datatype")))
    if kind is None:
        return None
    with Path(file).open("rb") as opened:
        first = opened.read(4096)
    is_compressed = first.startswith(_GZIP)
    if is_compressed:
        first = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(first, 4)
    order = "<" if int.from_bytes(first[:4], "little") in _NIFTI_HEADERS else ">"
    slope = float(reader.GetMetaData("scl_slope"))
    offset = int(float(reader.GetMetaData("vox_offset")))
    return _Layout(
        0 if is_compressed else offset,
        offset if is_compressed else 0,
        np.dtype(order + kind),
        _unzipped if is_compressed else _plain,
        slope or 1.0,
        float(reader.GetMetaData("scl_inter")) if slope else 0.0,
    )


def _meta_layout(opened: BinaryIO, kind: str) -> _Layout | None:
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
    return _Layout(
        opened.tell(),
        0,
        np.dtype((">" if swapped else "<") + kind),
        _inflated if facts.get("compresseddata") == "true" else _plain,
    )


def _nrrd_layout(opened: BinaryIO, kind: str) -> _Layout | None:
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
    return _Layout(
        opened.tell(),
        0,
        np.dtype((">" if facts.get("endian") == "big" else "<") + kind),
        known[facts["encoding"]],
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
