"""Masks as label images: NIfTI, NRRD, MHA, and the segmentations of 3D Slicer."""

import logging
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.files import open_file, split_location
from taceflow.imaging.masks.regions import Region, choose_regions
from taceflow.imaging.nifti import check_complete

logger = logging.getLogger(__name__)

WHOLE_TOLERANCE = 0.01
"""Up to here from a whole number, a value is a label that a scale factor or a cast has bent."""


def read_labels(file: str, roi: str, where: dict[str, str]) -> sitk.Image:
    """Read regions of a label image.

    Parameters
    ----------
    file : str
        A path, or ``archive.zip::name/in/it``. Where a NIfTI header states two geometries (sform
        and qform), that which SimpleITK takes counts, for masks as for CT images; a voxel of NIfTI
        that is no number, it reads as 0.
    roi : str
        See `regions.choose_regions`: label values, or names from the header of a 3D Slicer
        segmentation, whose segments may overlap in layers.
    where : dict
        Stage, patient and file for the message.

    Returns
    -------
    SimpleITK.Image
        8-bit, 0 and 1, the union of the regions, on the file's own grid.

    Raises
    ------
    ExclusionError
        If the file is no label image or the region is not there.
    """
    image = _read_image(file, where)
    values = sitk.GetArrayViewFromImage(image)
    if values.ndim == 3:
        values = values[..., np.newaxis]
    regions = _slicer_segments(image)
    if values.shape[3] > 1 and not regions:
        raise ExclusionError(f"holds {values.shape[3]} values a voxel and names none", **where)
    found = [_find_labels(values[..., layer], where) for layer in range(values.shape[3])]
    if not any(found):
        raise ExclusionError("the mask is empty", **where)
    chosen = choose_regions(roi, regions or [Region(label) for label in sorted(found[0])], where)
    filled = np.zeros(values.shape[:3], dtype=np.uint8)
    for layer, labels in _by_layer(chosen).items():
        if layer >= values.shape[3]:
            raise ExclusionError(f"names layer {layer} of {values.shape[3]}", **where)
        for plane, target in zip(values[..., layer], filled, strict=True):
            if plane.any():
                target |= np.isin(_whole(plane), labels)
    mask = sitk.GetImageFromArray(filled)
    mask.SetSpacing(image.GetSpacing())
    mask.SetOrigin(image.GetOrigin())
    mask.SetDirection(image.GetDirection())
    return mask


def _read_image(file: str, where: dict[str, str]) -> sitk.Image:
    """Read a 3-D image; SimpleITK reads from a disk only."""
    _, member = split_location(file)
    try:
        if member is None:
            image = sitk.ReadImage(file)
            check_complete(file, image, where)
        else:
            with tempfile.TemporaryDirectory() as folder, open_file(file) as opened:
                copy = Path(folder) / Path(member).name
                copy.write_bytes(opened.read())
                image = sitk.ReadImage(str(copy))
                check_complete(str(copy), image, where)
    except RuntimeError as error:
        raise ExclusionError("cannot be read as an image", **where) from error
    if image.GetDimension() != 3:
        raise ExclusionError(f"is no 3-D label image but {image.GetDimension()}-D", **where)
    return image


def _slicer_segments(image: sitk.Image) -> list[Region]:
    """Return the segments that the header of a .seg.nrrd names, none for any other image.

    Before labels and layers were written, each segment was a layer of its own.
    """
    segments: list[Region] = []
    while image.HasMetaDataKey(f"Segment{len(segments)}_Name"):
        key = f"Segment{len(segments)}_"
        label, layer = (
            int(image.GetMetaData(key + name)) if image.HasMetaDataKey(key + name) else default
            for name, default in (("LabelValue", 1), ("Layer", len(segments)))
        )
        segments.append(Region(label, image.GetMetaData(key + "Name"), layer))
    return segments


def _find_labels(values: np.ndarray, where: dict[str, str]) -> set[int]:
    """Return the labels of a volume, slice by slice to spare memory."""
    labels: set[int] = set()
    between = largest = 0.0
    for plane in values:
        if not plane.any():
            continue
        if not np.isfinite(plane).all():
            raise ExclusionError("holds values that are no number", **where)
        if plane.min() < 0:
            raise ExclusionError("holds negative values: it is no label image", **where)
        whole = _whole(plane)
        if plane.dtype.kind == "f":
            between = max(between, float(np.abs(plane - whole).max()))
            largest = max(largest, float(plane.max()))
        labels.update(np.unique(whole).astype(int).tolist())
    if between > WHOLE_TOLERANCE:
        if largest > 1 + WHOLE_TOLERANCE:
            raise ExclusionError(
                "holds values between the labels",
                remedy="Resample label images by nearest neighbour",
                **where,
            )
        logger.info("%s holds fractions of a voxel: half and more count", where["file"])
    return labels - {0}


def _whole(values: np.ndarray) -> np.ndarray:
    """Round to whole numbers, halves up."""
    return np.floor(values + 0.5) if values.dtype.kind == "f" else values


def _by_layer(regions: list[Region]) -> dict[int, list[int]]:
    layers: dict[int, list[int]] = {}
    for region in regions:
        layers.setdefault(region.layer, []).append(region.number)
    return layers
