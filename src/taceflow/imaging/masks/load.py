"""Masks of every kind that readers hand over, on the grid of the CT."""

import logging
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.files.locations import list_files, lone_file, split_location, walk
from taceflow.imaging.dicom.files import class_of, read_header
from taceflow.imaging.masks import segmentation, structure_set
from taceflow.imaging.masks.contours import draw_contours
from taceflow.imaging.masks.grid import bring_to_grid
from taceflow.imaging.masks.label_image import read_labels
from taceflow.imaging.masks.mask_file import MaskFile, ReferenceCT
from taceflow.imaging.masks.regions import UNUSABLE
from taceflow.imaging.masks.tumors import largest_tumor
from taceflow.wording.counts import counted

STAGE = "segmentation"

_LOG = logging.getLogger(__name__)


class LoadedMask(NamedTuple):
    """A mask on the grid of the CT, and what is to be known of it.

    Attributes
    ----------
    image : SimpleITK.Image
        8-bit, 0 and 1, not empty.
    on_series : bool or None
        Whether the file names the CT's series as the one it was drawn on; None if it does not tell.
    notes : tuple of str
        What was mended or decided while reading.
    """

    image: sitk.Image
    on_series: bool | None
    notes: tuple[str, ...]


def load_mask(
    file: str, roi: str, ct: ReferenceCT, *, patient: str, tumors: str = "union"
) -> LoadedMask:
    """Read a mask and bring it to the grid of the CT.

    Parameters
    ----------
    file : str
        NIfTI, NRRD, MHA, DICOM-SEG or RTSTRUCT: a path, ``archive.zip::name/in/it``, or a folder or
        zip archive that holds this file alone.
    roi : str
        Label value, segment label or ROI name; several separated by ``;``, ``*`` for all; "" takes
        the only one there is.
    ct : ReferenceCT
    patient : str
        For the message.
    tumors : {"union", "largest", "each"}
        Of the regions and their separate pieces: all, or the largest piece on the CT's grid. "each"
        reads all of them here, `tumors.split_tumors` takes them apart.

    Returns
    -------
    LoadedMask

    Raises
    ------
    ExclusionError
        If the file, the region or its place cannot be used.
    """
    archive, member = split_location(file)
    where = {"stage": STAGE, "patient": patient, "file": Path(member or archive).name}
    if Path(file).is_dir():
        file = _only_file(Path(file), where)
        where["file"] = Path(file).name
    try:
        if Path(file).suffix.lower() == ".zip" and Path(file).is_file():
            file = _only_member(Path(file), where)
        header = read_header(file, ["SOPClassUID", "Modality"])
        kind = None if header is None else class_of(header)
    except (OSError, zipfile.BadZipFile, zlib.error, *UNUSABLE) as error:
        raise ExclusionError("cannot be opened", **where) from error
    source = MaskFile(file, roi, ct, where)
    if kind is None:
        mask, on_series = bring_to_grid(read_labels(source), source, trusted=False), None
    elif kind in segmentation.STORAGE:
        mask, on_series = segmentation.read_segments(source)
    elif kind == structure_set.STORAGE:
        mask, on_series = draw_contours(source)
    else:
        raise source.refusal("is neither a DICOM-SEG nor an RTSTRUCT")
    if not sitk.GetArrayViewFromImage(mask).any():
        raise source.refusal("the mask is empty")
    for note in source.notes:
        _LOG.warning("%s: %s", where["file"], note)
    if tumors == "largest":
        mask = largest_tumor(mask, where)
    return LoadedMask(mask, on_series, tuple(source.notes))


def _only_file(folder: Path, where: dict[str, str]) -> str:
    """Return the file of a folder that holds one."""
    if lone := lone_file(folder):
        return str(lone)
    count = sum(1 for _ in walk(folder))
    raise ExclusionError(
        f"the mask is a folder of {counted(count, 'file')}",
        remedy="Name the file of the mask in the table of segmentations",
        **where,
    )


def _only_member(archive: Path, where: dict[str, str]) -> str:
    """Return the file of a zip archive that holds one."""
    members = list(list_files(archive))
    if len(members) == 1:
        return members[0]
    raise ExclusionError(
        f"the mask is a zip archive of {counted(len(members), 'file that can')} be read",
        remedy="Name the file of the mask in the table of segmentations: archive.zip::name/in/it",
        **where,
    )
