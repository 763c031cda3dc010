"""Radiomic features of every reading of one patient, in one job."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import radiomics
import SimpleITK as sitk
from radiomics import imageoperations

from taceflow.errors import InputError
from taceflow.files.volumes.stored import mask_files, read_volume
from taceflow.imaging.crop import Crop, Region, union_box
from taceflow.radiomics.columns import VERSION, check_finite
from taceflow.radiomics.feature_classes import RegionImage
from taceflow.radiomics.filters import crop, derived_images
from taceflow.radiomics.margins import filter_reach
from taceflow.radiomics.mask_boxes import (
    GEOMETRY_TOLERANCE,
    MINIMUM_VOXELS,
    check_ct,
    mask_box,
)
from taceflow.radiomics.panel import FEATURES, Panel, read_panel
from taceflow.radiomics.patient_table import write_patient_table
from taceflow.radiomics.several_tumors import average_tumors, separate_tumors
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)

Tumors = dict[Any, tuple[Region, sitk.Image]]
"""By name: a mask's box, and the mask within it."""

Measured = dict[Any, dict[str, float]]
"""By a mask's name: a panel's features by theirs, in its order."""


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """How a patient's features are computed.

    Attributes
    ----------
    panel : str
        The panel's file.
    tumors : {"union", "largest", "each"}
        With "each", the features of the separate tumours are averaged, weighted by volume; the
        other two have been settled by the import.
    minimum_roi_voxels : int
        Smaller masks are refused. Smaller tumours do not count for "each", unless there is no
        larger one.
    scale : "volume" or float
        See `extract_features`.
    """

    panel: str
    tumors: str
    minimum_roi_voxels: int
    scale: str | float


def extract_patient(*, patient: str, resampled: str, how: Extraction, features: str) -> None:
    """Compute the features of all readings of a patient.

    Parameters
    ----------
    patient : str
        The study's id.
    resampled : str
        Folder with ``ct.nii.gz``, ``mask_*.nii.gz`` and ``crop.json``, 1 mm.
    how : Extraction
    features : str
        Table to be written, one row a reading: see `write_patient_table`.

    Raises
    ------
    InputError
        If the CT or a mask cannot be measured, or a feature is missing or not finite.
    """
    recipe = read_panel(how.panel)
    folder = Path(resampled)
    ct = read_volume(folder / "ct.nii.gz", output=folder)
    masks = {name: read_volume(file, output=folder) for name, file in mask_files(folder).items()}
    measured = measure_masks(ct, masks, recipe, how, patient, cut=Crop.read(folder))
    for found in measured.values():
        check_finite(found, patient)
    rows = [
        {"patient_id": patient, "reading": reading, VERSION: radiomics.__version__} | found
        for reading, found in measured.items()
    ]
    write_patient_table(rows, features)
    _LOG.info("%d features of %s", len(recipe.columns), ", ".join(masks))


def measure_masks(
    ct: sitk.Image,
    masks: dict[Any, sitk.Image],
    panel: Panel,
    how: Extraction,
    patient: str,
    cut: Crop,
) -> Measured:
    """Compute the features of several masks, each as a whole or as the mean over its tumours.

    Parameters
    ----------
    ct, masks, panel, patient, cut
        See `extract_features`.
    how : Extraction
        Its panel has been read.

    Returns
    -------
    dict
        By a mask's name: the panel's features by theirs, in its order.
    """
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    logging.getLogger("radiomics").setLevel(logging.ERROR)
    least = how.minimum_roi_voxels
    if how.tumors != "each":
        return extract_features(
            ct, masks, panel, scale=how.scale, minimum_voxels=least, patient=patient, cut=cut
        )
    _boxed(ct, masks, panel, least, patient)
    regions = separate_tumors(masks, least)
    measured = extract_features(ct, regions, panel, scale=how.scale, patient=patient, cut=cut)
    return average_tumors(measured, regions)


def extract_features(
    ct: sitk.Image,
    masks: dict[Any, sitk.Image],
    panel: Panel,
    *,
    scale: str | float = "volume",
    minimum_voxels: int = MINIMUM_VOXELS,
    patient: str | None = None,
    cut: Crop | None = None,
) -> Measured:
    """Compute the features of several masks on one image.

    Derived images depend on the image alone and are made once for all masks.

    Parameters
    ----------
    ct : SimpleITK.Image
        HU, the whole volume or a part of it.
    masks : dict
        By name, 0 and 1, on the grid of the CT.
    panel : Panel
        What is computed.
    scale : "volume" or float
        What square, squareroot, logarithm and exponential are scaled by: the largest |HU| of the
        whole volume as in PyRadiomics, or a number of HU.
    minimum_voxels : int
        Smaller masks are refused.
    patient : str, optional
        For messages.
    cut : Crop, optional
        Which part it is, and what is known of the whole; None: it is the whole.

    Returns
    -------
    dict
        By a mask's name: the panel's features by theirs, in its order.

    Raises
    ------
    InputError
        If the CT or a mask cannot be measured, or PyRadiomics does not return the panel's features
        as real numbers.
    """
    check_ct(ct, patient)
    whole = _boxed(ct, masks, panel, minimum_voxels, patient)
    values: dict[Any, dict[str, float]] = {name: {} for name in masks}

    def measure(
        image_name: str, image: sitk.Image, low: np.ndarray, tumors: Tumors, classes: list[str]
    ) -> None:
        for name, (box, tumor) in tumors.items():
            # the range is in HU, which derived images are not
            lowest = panel.lowest if image_name == "original" else None
            tight = crop(image, (box[0] - low, box[1]))
            region = RegionImage(tight, tumor, panel.setting, lowest)
            for one in classes:
                found = region.features(one, panel.features.get(one, FEATURES[one])).items()
                values[name] |= {f"{image_name}_{one}_{key}": value for key, value in found}

    if "shape" in panel.classes:
        measure("original", ct, np.zeros(3, int), whole, ["shape"])
    kept = whole
    if panel.setting.get("resegmentRange") is not None:
        in_range = {
            name: _resegmented(ct, mask, panel.setting, patient) for name, mask in masks.items()
        }
        kept = _boxed(ct, in_range, panel, MINIMUM_VOXELS, patient)
    union = union_box([box for box, _ in kept.values()])
    cut = cut or Crop.whole(sitk.GetArrayViewFromImage(ct))
    cut.check(union, filter_reach(panel), ct.GetSpacing(), patient)
    largest = cut.largest_hu if scale == "volume" else float(scale)
    for image_name, derived in derived_images(ct, union, panel, largest):
        measure(image_name, derived, union[0], kept, panel.classes_on(image_name))
    columns = panel.columns
    for name, found in values.items():
        missing = [column for column in columns if column not in found]
        odd = [column for column, value in found.items() if not np.isrealobj(np.asarray(value))]
        if missing or odd:
            raise InputError(
                f"PyRadiomics left out {counted(len(missing), 'feature')} of {name} and returned "
                f"{len(odd)} that are no real numbers: {', '.join((missing + odd)[:5])}",
                patient=patient,
            )
    return {
        name: {column: float(found[column]) for column in columns} for name, found in values.items()
    }


def _resegmented(
    ct: sitk.Image, mask: sitk.Image, setting: dict[str, Any], patient: str | None
) -> sitk.Image:
    """Leave out the voxels beyond ``resegmentRange``; shape is measured on the whole mask.

    The range is in HU, with ``resegmentMode`` "sigma" in standard deviations around the mean, with
    "relative" in parts of the maximum. IBSI's intensity mask and morphological mask (reference
    manual, arXiv 1612.07003, section 2.5).
    """
    try:
        kept = imageoperations.resegmentMask(ct, mask, **setting)
    except ValueError as error:
        raise InputError(
            f"fewer than two voxels lie within setting.resegmentRange {setting['resegmentRange']}",
            patient=patient,
            remedy="Widen the range in the panel's file",
        ) from error
    return sitk.Cast(kept, mask.GetPixelID())


def _boxed(
    ct: sitk.Image,
    masks: dict[Any, sitk.Image],
    panel: Panel,
    minimum_voxels: int,
    patient: str | None,
) -> Tumors:
    """Return each mask's box, checked, and the mask within it."""
    tolerance = panel.setting.get("geometryTolerance", GEOMETRY_TOLERANCE)
    boxes = {
        name: mask_box(
            ct, name, mask, tolerance=tolerance, minimum_voxels=minimum_voxels, patient=patient
        )
        for name, mask in masks.items()
    }
    return {name: (box, crop(masks[name], box)) for name, box in boxes.items()}
