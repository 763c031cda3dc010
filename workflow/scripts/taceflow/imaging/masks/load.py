"""Masks of every kind that readers hand over, on the grid of the CT."""

import zipfile
import zlib
from pathlib import Path

import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.files import read_header
from taceflow.imaging.dicom.locations import lone_file, split_location, walk
from taceflow.imaging.masks import contours, segmentation
from taceflow.imaging.masks.grid import bring_to_grid
from taceflow.imaging.masks.label_image import read_labels
from taceflow.imaging.masks.regions import UNUSABLE
from taceflow.imaging.masks.tumors import largest_tumor

STAGE = "segmentation"


def load_mask(
    file: str,
    roi: str,
    reference: sitk.Image,
    *,
    patient: str,
    frame_of_reference: str | None = None,
    tumors: str = "union",
) -> sitk.Image:
    """Read a mask and bring it to the grid of the CT.

    Parameters
    ----------
    file : str
        NIfTI, NRRD, MHA, DICOM-SEG or RTSTRUCT: a path, ``archive.zip::name/in/it``, or a folder
        that holds this file alone.
    roi : str
        Label value, segment label or ROI name; several separated by ``;``, ``*`` for all; "" takes
        the only one there is.
    reference : SimpleITK.Image
        The CT.
    patient : str
        For the message.
    frame_of_reference : str, optional
        The CT's FrameOfReferenceUID; None if it is unknown, as of a NIfTI file.
    tumors : {"union", "largest", "each"}
        Of the regions and their separate pieces: all, or the largest piece on the CT's grid. "each"
        reads all of them here, `tumors.split_tumors` takes them apart.

    Returns
    -------
    SimpleITK.Image
        8-bit, 0 and 1, on the grid of `reference`, not empty.

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
        header = read_header(file, ["SOPClassUID"])
        kind = None if header is None else str(header.get("SOPClassUID"))
    except (OSError, zipfile.BadZipFile, zlib.error, *UNUSABLE) as error:
        raise ExclusionError("cannot be opened", **where) from error
    if kind is None:
        labels = read_labels(file, roi, where)
        mask = bring_to_grid(labels, reference, trusted=False, where=where)
    elif kind in segmentation.STORAGE:
        mask = segmentation.read_segments(file, roi, reference, frame_of_reference, where)
    elif kind == contours.STORAGE:
        mask = contours.draw_contours(file, roi, reference, frame_of_reference, where)
    else:
        raise ExclusionError("is neither a DICOM-SEG nor an RTSTRUCT", **where)
    if not sitk.GetArrayViewFromImage(mask).any():
        raise ExclusionError("the mask is empty", **where)
    return largest_tumor(mask, where) if tumors == "largest" else mask


def _only_file(folder: Path, where: dict[str, str]) -> str:
    """Return the file of a folder that holds one."""
    if lone := lone_file(folder):
        return str(lone)
    count = sum(1 for _ in walk(folder))
    raise ExclusionError(
        f"the mask is a folder of {count} files",
        remedy="Name the file of the mask in the table of segmentations",
        **where,
    )
