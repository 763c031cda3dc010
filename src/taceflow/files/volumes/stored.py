"""The run's own volumes: written whole, read only if they are what was written."""

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from taceflow.errors import DamagedFileError, ExclusionError
from taceflow.files.atomic import atomic_path
from taceflow.files.stored_files import damaged
from taceflow.files.volumes.file import VolumeFile, place

FAST = 1
"""Compression of grey values: higher levels take twice the time for a twentieth of the room."""


def write_volume(image: sitk.Image, path: str | Path, *, level: int = -1) -> None:
    """Write a volume, and read it again before it takes its name.

    SimpleITK says nothing when the disk is full, and leaves half a file.

    Parameters
    ----------
    image : SimpleITK.Image
        3-D, one value a voxel.
    path : str or Path
        Compressed NIfTI or NRRD.
    level : int
        Of the compression; -1 is SimpleITK's own.

    Raises
    ------
    DiskError
        If the disk is full.
    DamagedFileError
        If what the disk returns is not what was written.
    """
    with atomic_path(path) as temporary:
        sitk.WriteImage(image, str(temporary), useCompression=True, compressionLevel=level)
        try:
            stored = _checked(temporary).slices()
            written = sitk.GetArrayViewFromImage(image)
            is_same = all(map(np.array_equal, written, stored)) and next(stored, None) is None
        except ExclusionError:
            is_same = False
        if not is_same:
            raise DamagedFileError(
                "the disk does not return what was written to it",
                file=str(path),
                remedy="Have the disk checked, then run again",
            )


def read_volume(path: str | Path, *, output: str | Path) -> sitk.Image:
    """Read a volume to its end, where a cut or changed file shows.

    Parameters
    ----------
    path : str or Path
        What `write_volume` wrote.
    output : str or Path
        The file or folder to delete, so that its job makes it again.

    Returns
    -------
    SimpleITK.Image

    Raises
    ------
    DamagedFileError
        If the file is cut, changed, empty or missing.
    """
    try:
        file = _checked(Path(path))
        stored = file.slices()
        first = next(stored)
        values = np.empty((file.header.GetSize()[2], *first.shape), dtype=first.dtype)
        values[0] = first
        for target, one in zip(values[1:], stored, strict=True):
            target[:] = one
    except ExclusionError as error:
        raise damaged(path, error.problem, output=output) from error
    return place(values, file.header)


def mask_files(folder: Path) -> dict[str, Path]:
    """Return the files ``mask_{reading}.nii.gz`` of a patient's folder by reading, in order."""
    return {
        file.name.removeprefix("mask_").removesuffix(".nii.gz"): file
        for file in sorted(folder.glob("mask_*.nii.gz"))
    }


def _checked(path: Path) -> VolumeFile:
    return VolumeFile(str(path), {"stage": "imaging", "file": str(path)})
