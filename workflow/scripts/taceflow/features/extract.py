"""Radiomic features of every reading of one patient, in one job."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import radiomics
import SimpleITK as sitk
from radiomics import getFeatureClasses
from radiomics.featureextractor import RadiomicsFeatureExtractor

from taceflow.errors import InputError
from taceflow.features.filters import derived_images
from taceflow.features.panel import Panel, read_panel
from taceflow.imaging.masks.tumors import split_tumors
from taceflow.tables import write_table

logger = logging.getLogger(__name__)


def extract_patient(
    *,
    patient: str,
    resampled: str,
    panel: str,
    tumors: str,
    minimum_roi_voxels: int,
    features: str,
) -> None:
    """Compute the features of all readings of a patient.

    Parameters
    ----------
    patient : str
        The study's id.
    resampled : str
        Folder with ``ct.nii.gz`` and ``mask_*.nii.gz``, 1 mm.
    panel : str
        The panel's file.
    tumors : {"union", "largest", "each"}
        With "each", the features of the separate tumours are averaged, weighted by volume; the
        other two have been settled by the import.
    minimum_roi_voxels : int
        Smaller tumours do not count for "each", unless there is no larger one.
    features : str
        Parquet file to be written, one row a reading.

    Raises
    ------
    InputError
        If a feature is missing or not finite.
    """
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    logging.getLogger("radiomics").setLevel(logging.ERROR)
    recipe = read_panel(panel)
    folder = Path(resampled)
    ct = sitk.ReadImage(str(folder / "ct.nii.gz"))
    masks = {
        file.name.removeprefix("mask_").removesuffix(".nii.gz"): sitk.ReadImage(str(file))
        for file in sorted(folder.glob("mask_*.nii.gz"))
    }
    if tumors == "each":
        regions = separate_tumors(masks, minimum_roi_voxels)
        table = average_tumors(extract_features(ct, regions, recipe), regions)
    else:
        table = extract_features(ct, masks, recipe)
    bad = table.columns[~np.isfinite(table.to_numpy(dtype=float)).all(axis=0)]
    if len(bad):
        raise InputError(
            f"{len(bad)} features are not finite, the first is {bad[0]}",
            patient=patient,
            remedy="Look at the patient's picture in qc/: is the mask in the tumour?",
        )
    table.insert(0, "diagnostics_Versions_PyRadiomics", radiomics.__version__)
    table.insert(0, "reading", table.index)
    table.insert(0, "patient_id", patient)
    write_table(table, features, "patient_features")
    logger.info("%d features of %s", len(panel_columns(recipe)), ", ".join(masks))


def separate_tumors(
    masks: dict[str, sitk.Image], minimum_voxels: int
) -> dict[tuple[str, int], sitk.Image]:
    """Split every reading into its connected tumours.

    Parameters
    ----------
    masks : dict
        By reading, 0 and 1.
    minimum_voxels : int
        Smaller tumours are left out, unless there is no larger one.

    Returns
    -------
    dict
        By reading and rank, the largest first.
    """
    regions = {}
    for name, mask in masks.items():
        largest, *others = split_tumors(mask)
        kept = [largest, *(one for one in others if _voxels(one) >= minimum_voxels)]
        regions |= {(name, rank): tumor for rank, tumor in enumerate(kept)}
    return regions


def average_tumors(table: pd.DataFrame, regions: dict[tuple[str, int], sitk.Image]) -> pd.DataFrame:
    """Return one row a reading: the mean over its tumours, weighted by their volume.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a tumour, indexed as `regions`.
    regions : dict
        The tumours, by reading and rank.

    Returns
    -------
    pandas.DataFrame
        Indexed by reading.
    """
    voxels = pd.Series([_voxels(tumor) for tumor in regions.values()], index=table.index)
    sums = table.mul(voxels, axis=0).groupby(level=0, sort=False).sum()
    return sums.div(voxels.groupby(level=0, sort=False).sum(), axis=0)


def _voxels(mask: sitk.Image) -> int:
    return int(np.count_nonzero(sitk.GetArrayViewFromImage(mask)))


def panel_columns(panel: Panel) -> list[str]:
    """Return the features' names of a panel in order, as PyRadiomics writes them.

    Parameters
    ----------
    panel : Panel
        What is computed.

    Returns
    -------
    list of str
    """
    known = getFeatureClasses()
    wanted = [("original", "shape")] if "shape" in panel.classes else []
    wanted += [(image, name) for image in panel.images for name in panel.classes_on(image)]
    return [
        f"{image}_{name}_{feature}"
        for image, name in wanted
        for feature, deprecated in known[name].getFeatureNames().items()
        if not deprecated
    ]


def extract_features(ct: sitk.Image, masks: dict[Any, sitk.Image], panel: Panel) -> pd.DataFrame:
    """Compute the features of several masks on one image.

    Derived images depend on the image alone and are made once for all masks.

    Parameters
    ----------
    ct : SimpleITK.Image
        HU, whole volume.
    masks : dict
        By name, 0 and 1, on the grid of the CT.
    panel : Panel
        What is computed.

    Returns
    -------
    pandas.DataFrame
        One row a mask (its name is the index), the panel's columns, float64.

    Raises
    ------
    InputError
        If PyRadiomics does not return the panel's features as real numbers.
    """
    masks = {name: sitk.Cast(mask, sitk.sitkUInt32) for name, mask in masks.items()}
    extractor = RadiomicsFeatureExtractor(**panel.setting)
    values: dict[Any, dict[str, float]] = {name: {} for name in masks}
    if "shape" in panel.classes:
        for name, mask in masks.items():
            image, region = _on_box(ct, mask)
            values[name] |= _of_class(extractor, image, region, "shape", "original")
    for image_name, derived in derived_images(ct, _union_box(masks.values()), panel):
        for name, mask in masks.items():
            image, region = _on_box(derived, _within(mask, derived))
            for feature_class in panel.classes_on(image_name):
                values[name] |= _of_class(extractor, image, region, feature_class, image_name)
    columns = panel_columns(panel)
    for name, found in values.items():
        missing = [column for column in columns if column not in found]
        odd = [column for column, value in found.items() if not np.isrealobj(np.asarray(value))]
        if missing or odd:
            raise InputError(
                f"PyRadiomics left out {len(missing)} features of {name} and returned {len(odd)} "
                f"that are no real numbers: {', '.join((missing + odd)[:5])}"
            )
    rows = [[float(found[column]) for column in columns] for found in values.values()]
    return pd.DataFrame(rows, index=pd.Index(list(values)), columns=columns)


def _of_class(
    extractor: RadiomicsFeatureExtractor,
    image: sitk.Image,
    mask: sitk.Image,
    feature_class: str,
    image_name: str,
) -> dict[str, float]:
    """Compute one class; PyRadiomics keeps shape apart and wants its box for it."""
    extractor.disableAllFeatures()
    extractor.enableFeatureClassByName(feature_class)
    if feature_class == "shape":
        _, box = _full_box(mask)
        return dict(extractor.computeShape(image, mask, box, **extractor.settings))
    return dict(extractor.computeFeatures(image, mask, image_name, **extractor.settings))


def _full_box(mask: sitk.Image) -> tuple[np.ndarray, np.ndarray]:
    """Return the mask's box, and its bounds in turn as PyRadiomics wants them."""
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.Execute(mask)
    box = np.array(shape.GetBoundingBox(1))
    bounds = np.stack([box[:3], box[:3] + box[3:] - 1], axis=1).ravel()
    return box, bounds


def _union_box(masks) -> tuple[np.ndarray, np.ndarray]:
    boxes = np.array([_full_box(mask)[0] for mask in masks])
    low = boxes[:, :3].min(axis=0)
    return low, (boxes[:, :3] + boxes[:, 3:]).max(axis=0) - low


def _within(mask: sitk.Image, crop: sitk.Image) -> sitk.Image:
    """Return the part of the mask that a crop of the image covers."""
    start = mask.TransformPhysicalPointToIndex(crop.GetOrigin())
    return sitk.RegionOfInterest(mask, crop.GetSize(), start)


def _on_box(image: sitk.Image, mask: sitk.Image) -> tuple[sitk.Image, sitk.Image]:
    """Return image and mask within the mask's box, with one geometry."""
    box, _ = _full_box(mask)
    low, size = box[:3].tolist(), box[3:].tolist()
    region = sitk.RegionOfInterest(mask, size, low)
    values = sitk.RegionOfInterest(image, size, low)
    values.CopyInformation(region)
    return values, region
