"""Masks as label images: NIfTI, NRRD, MHA, and the segmentations of 3D Slicer."""

import numpy as np
import SimpleITK as sitk

from taceflow.files.locations import on_disk
from taceflow.files.volumes.file import VolumeFile, place
from taceflow.imaging.masks.mask_file import MaskFile
from taceflow.imaging.masks.regions import Region, choose_regions

WHOLE_TOLERANCE = 0.01
"""Up to here from a whole number, a value is a label that a scale factor or a cast has bent."""

HIGHEST_LABEL = 2**32 - 1


def read_labels(mask: MaskFile) -> sitk.Image:
    """Read regions of a label image.

    They are named by label value, or as in the header of a 3D Slicer segmentation, whose segments
    may overlap in layers. A voxel of NIfTI that is no number is background, as SimpleITK reads it.

    Returns
    -------
    SimpleITK.Image
        8-bit, 0 and 1, the union of the regions, on the file's own grid.

    Raises
    ------
    ExclusionError
        If the file is no label image or the region is not there.
    """
    with on_disk(mask.path) as path:
        return _read_regions(path, mask)


def list_regions(mask: MaskFile) -> list[Region]:
    """Return the regions of a label image.

    Raises
    ------
    ExclusionError
        If the file is no label image, or empty.
    """
    with on_disk(mask.path) as path:
        return _regions_in(path, mask)[2]


def _read_regions(path: str, mask: MaskFile) -> sitk.Image:
    file, values, regions = _regions_in(path, mask)
    by_layer: dict[int, list[int]] = {}
    for region in choose_regions(mask.roi, regions, mask.where):
        by_layer.setdefault(region.layer, []).append(region.number)
    filled = np.zeros(values.shape[:3], dtype=np.uint8)
    for layer, labels in by_layer.items():
        if layer >= file.values_a_voxel:
            raise mask.refusal(f"names layer {layer} of {file.values_a_voxel}")
        for plane, target in zip(values[..., layer], filled, strict=True):
            if plane.any():
                target |= np.isin(plane, labels)
    return place(filled, file.header)


def _regions_in(path: str, mask: MaskFile) -> tuple[VolumeFile, np.ndarray, list[Region]]:
    """Return a file, its labels of shape (slices, rows, columns, layers), and its regions."""
    file = VolumeFile(path, mask.where)
    if file.dimensions != 3:
        raise mask.refusal(f"is no 3-D label image but {file.dimensions}-D")
    regions, layers = _slicer_segments(file.header), file.values_a_voxel
    if layers > 1 and not regions:
        raise mask.refusal(f"holds {layers} values a voxel and names none")
    if not file.states_orientation:
        mask.notes.append("the header states no orientation: the patient's axes are assumed")
    values = _whole_labels(file, mask)
    if not values.any():
        raise mask.refusal("the mask is empty")
    if not regions:
        regions = [Region(label) for label in sorted(_occurring(values) - {0})]
    return file, values, regions


def _slicer_segments(image: sitk.ImageFileReader | sitk.Image) -> list[Region]:
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


def _whole_labels(file: VolumeFile, mask: MaskFile) -> np.ndarray:
    """Return whole labels, shape (slices, rows, columns, layers), in the smallest type."""
    columns, rows, slices = file.header.GetSize()
    labels = np.zeros((slices, rows, columns, file.values_a_voxel), dtype=np.uint8)
    between = largest = 0.0
    for number, plane in enumerate(file.slices()):
        if not plane.any():
            continue
        if not np.isfinite(plane).all():
            if not file.is_nifti:
                raise mask.refusal("holds values that are no number")
            plane = np.nan_to_num(plane, posinf=0, neginf=0)
        if plane.min() < 0:
            raise mask.refusal("holds negative values: it is no label image")
        largest = max(largest, float(plane.max()))
        if largest > HIGHEST_LABEL:
            raise mask.refusal(f"holds labels above {HIGHEST_LABEL:,}")
        whole = _whole(plane)
        if plane.dtype.kind == "f":
            between = max(between, float(np.abs(plane - whole).max()))
        if whole.max() > np.iinfo(labels.dtype).max:
            labels = labels.astype(np.min_scalar_type(int(whole.max())))
        labels[number] = whole.reshape(labels.shape[1:])
    if between > WHOLE_TOLERANCE:
        if largest > 1 + WHOLE_TOLERANCE:
            raise mask.refusal(
                "holds values between the labels",
                remedy="Resample label images by nearest neighbour",
            )
        mask.notes.append("holds fractions of a voxel: half and more count")
    return labels


def _occurring(labels: np.ndarray) -> set[int]:
    """Return the labels of a volume, slice by slice to spare memory."""
    return {label for plane in labels if plane.any() for label in np.unique(plane).tolist()}


def _whole(values: np.ndarray) -> np.ndarray:
    """Round to whole numbers, halves up."""
    return np.floor(values + 0.5) if values.dtype.kind == "f" else values
