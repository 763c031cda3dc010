"""Volumes in NIfTI, NRRD and MHA files, slice by slice.

SimpleITK holds a file twice while it reads it, and reads as 0 what is cut off a NIfTI file and what
is NaN there. So it reads the header alone, and the values come from the file in pieces. What has
no plain layout (several files, several values a voxel, other formats) SimpleITK reads as a whole.
"""

import math
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.files.volumes.geometry import MOST_VOXELS, check_forms, check_geometry
from taceflow.files.volumes.layout import Layout
from taceflow.files.volumes.nifti import is_nifti, nifti_layout
from taceflow.files.volumes.nrrd_and_metaimage import (
    METAIMAGE,
    NRRD,
    check_dimensions,
    metaimage_layout,
    nrrd_layout,
)

_KINDS = {
    **{sitk.sitkUInt8: "u1", sitk.sitkInt8: "i1", sitk.sitkUInt16: "u2", sitk.sitkInt16: "i2"},
    **{sitk.sitkUInt32: "u4", sitk.sitkInt32: "i4", sitk.sitkUInt64: "u8", sitk.sitkInt64: "i8"},
    **{sitk.sitkFloat32: "f4", sitk.sitkFloat64: "f8"},
}

MOST_SURPLUS_BYTES = 1 << 24
"""Beyond the voxels that a header names, a file is read so far and no further."""


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
    states_orientation : bool
        Whether the header does, as far as is known; else SimpleITK assumes the patient's axes.

    Raises
    ------
    ExclusionError
        If SimpleITK cannot read it, or its grid is none.
    """

    def __init__(self, file: str, where: dict[str, str]) -> None:
        self._where = where
        self._image: sitk.Image | None = None
        reader = sitk.ImageFileReader()
        reader.SetFileName(file)
        try:
            check_dimensions(file)
            reader.ReadImageInformation()
            self.header: sitk.ImageFileReader | sitk.Image = reader
            self._layout = _find_layout(file, reader)
            values = math.prod(reader.GetSize()) * reader.GetNumberOfComponents()
            if self._layout is None and values > MOST_VOXELS:
                raise ValueError(f"its header names {values:,} values")
            if self._layout is None:
                self.header = self._image = sitk.ReadImage(file)
            self.states_orientation = self._layout is None or self._layout.states_orientation
            self.dimensions = self.header.GetDimension()
            self.values_a_voxel = 1
            if self._image is not None:
                self.values_a_voxel = self._image.GetNumberOfComponentsPerPixel()
        except (OSError, RuntimeError, zlib.error) as error:
            raise ExclusionError("cannot be read as an image", **where) from error
        except ValueError as error:
            raise ExclusionError(str(error), **where) from error
        self.is_nifti = is_nifti(file)
        if self.dimensions == 3:
            if self._layout is not None and not self._layout.states_spacing:
                raise ExclusionError("the header states no voxel spacing", **where)
            check_geometry(self.header, where)
            if self._layout is not None and self._layout.forms is not None:
                check_forms(self._layout.forms, where)

    def slices(self) -> Iterator[np.ndarray]:
        """Yield the slices of a 3-D image as stored, or scaled as a NIfTI header asks for.

        Yields
        ------
        numpy.ndarray
            Shape (rows, columns), or (rows, columns, values) if a voxel has several.

        Raises
        ------
        ExclusionError
            If the file ends early, or holds more than its header names.
        """
        if self._image is not None:
            yield from sitk.GetArrayViewFromImage(self._image)
            return
        columns, rows, count = self.header.GetSize()
        layout = self._layout
        size, found, surplus = rows * columns * layout.kind.itemsize, 0, 0
        skip, held = layout.skip, bytearray()
        try:
            with Path(layout.file).open("rb") as opened:
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
                        surplus += len(held)
                        held.clear()
                    if surplus > MOST_SURPLUS_BYTES:
                        break  # what unpacks without end is not read to its end
        except (EOFError, OSError, zlib.error) as error:
            raise ExclusionError("is damaged or ends early", **self._where) from error
        if found < count:
            raise ExclusionError("ends early: a part of the file is missing", **self._where)
        if surplus:
            raise ExclusionError(
                f"holds {surplus} bytes more than its header names",
                remedy="Export it again: which of its bytes are the voxels cannot be told",
                **self._where,
            )


def place(values: np.ndarray, header: sitk.ImageFileReader | sitk.Image) -> sitk.Image:
    """Return an image of values, (slices, rows, columns), on the grid of a header or an image."""
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(header.GetSpacing())
    image.SetOrigin(header.GetOrigin())
    image.SetDirection(header.GetDirection())
    return image


def _find_layout(file: str, reader: sitk.ImageFileReader) -> Layout | None:
    """Find where the values of a file are, None if it is not one of the plain kinds."""
    if reader.GetDimension() != 3 or reader.GetNumberOfComponents() != 1:
        return None
    if is_nifti(file) and reader.HasMetaDataKey("vox_offset"):
        return nifti_layout(file, reader)
    kind = _KINDS.get(reader.GetPixelID())
    if kind is None:
        return None
    with Path(file).open("rb") as opened:
        if file.lower().endswith(METAIMAGE):
            return metaimage_layout(file, opened, kind)
        if file.lower().endswith(NRRD):
            return nrrd_layout(file, opened, kind)
    return None


def _scaled(stored: np.ndarray, layout: Layout) -> np.ndarray:
    if layout.slope == 1 and layout.intercept == 0:
        return stored
    return stored * layout.slope + layout.intercept
