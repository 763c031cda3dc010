"""Import of one patient: the scan and every reading of its tumour, checked, without identifiers."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.imaging.acquisition import describe_series, describe_volume
from taceflow.imaging.dicom import STAGE, choose_series, list_series, load_series
from taceflow.imaging.masks import load_mask
from taceflow.imaging.resample import resample_mask
from taceflow.tables import write_json

MAIN_READING = "reader1-1"
"""The reading that every model uses."""

LOWEST_HU = -3100
"""Air is -1000 HU; scanners write down to -3024 outside the field of view."""

LEAST_HU_RANGE = 100
"""From fat to enhanced liver alone; an image in [0, 1] spans 1."""

logger = logging.getLogger(__name__)


def import_patient(
    *,
    patient: str,
    scan: dict[str, str],
    masks: list[dict[str, str]],
    phase: str,
    phase_patterns: dict[str, str],
    spacing_mm: list[float],
    minimum_roi_voxels: int,
    on_bad_input: str,
    volumes: str,
) -> None:
    """Import one patient into a folder; one who cannot be used leaves the reason there.

    Parameters
    ----------
    patient : str
        The study's id.
    scan : dict
        ``image`` (file or DICOM folder) and ``series_uid``.
    masks : list of dict
        ``reading``, ``phase``, ``mask`` and ``roi`` of each reading.
    phase : str
        The phase that the model uses.
    phase_patterns : dict
        Regular expression on the series description, by phase.
    spacing_mm : list of float
        The study's grid, on which a mask must have its least number of voxels.
    minimum_roi_voxels : int
        That number.
    on_bad_input : {"exclude", "fail"}
        Whether a patient who cannot be used is recorded or raised.
    volumes : str
        Folder to be filled: ``ct.nii.gz``, ``mask_{reading}.nii.gz``, ``import.json``.

    Raises
    ------
    ExclusionError
        With `on_bad_input` "fail".
    """
    target = Path(volumes)
    target.mkdir(parents=True, exist_ok=True)
    record: dict[str, Any] = {
        "patient_id": patient,
        "exclusion": None,
        "acquisition": None,
        "readings": [],
        "readings_left_out": {},
    }
    try:
        ct, record["acquisition"] = load_ct(
            scan, phase=phase, pattern=phase_patterns.get(phase), patient=patient
        )
        usable = {}
        for row in sorted(masks, key=lambda one: one["reading"] != MAIN_READING):
            try:
                mask = load_mask(row["mask"], row["roi"], ct, patient=patient)
                facts = check_mask(
                    mask, spacing_mm=spacing_mm, least=minimum_roi_voxels, patient=patient
                )
            except ExclusionError as error:
                if row["reading"] == MAIN_READING:
                    raise
                logger.warning("%s is left out: %s", row["reading"], error)
                record["readings_left_out"][row["reading"]] = error.problem
                continue
            if row["phase"] != phase:
                logger.warning("%s was drawn on the %s phase", row["reading"], row["phase"])
            usable[row["reading"]] = mask
            reader, reading = row["reading"].removeprefix("reader").split("-")
            record["readings"].append({"reader": int(reader), "reading": int(reading), **facts})
        if MAIN_READING not in usable:
            raise ExclusionError(
                f"{MAIN_READING} is missing", stage="segmentation", patient=patient
            )
        sitk.WriteImage(ct, str(target / "ct.nii.gz"), useCompression=True, compressionLevel=1)
        for name, mask in usable.items():
            sitk.WriteImage(mask, str(target / f"mask_{name}.nii.gz"), useCompression=True)
        logger.info("%d slices, readings %s", ct.GetSize()[2], ", ".join(usable))
    except ExclusionError as error:
        if on_bad_input == "fail":
            raise
        logger.warning("%s", error)
        record["exclusion"] = {"stage": error.stage, "reason": error.problem}
        record["readings"] = []
    write_json(record, target / "import.json")


def load_ct(
    scan: dict[str, str], *, phase: str, pattern: str | None, patient: str
) -> tuple[sitk.Image, dict[str, Any]]:
    """Read the CT of a phase from a DICOM folder or an image file.

    Parameters
    ----------
    scan : dict
        ``image`` and ``series_uid``.
    phase, pattern
        Which series of a DICOM folder is meant.
    patient : str
        For the message.

    Returns
    -------
    image : SimpleITK.Image
        HU, 16-bit integers.
    acquisition : dict
        A row of ``cohort/acquisition.tsv``.

    Raises
    ------
    ExclusionError
        If there is no such CT.
    """
    path = Path(scan["image"])
    if path.is_dir():
        series = choose_series(
            list_series(path), patient=patient, phase=phase, pattern=pattern, uid=scan["series_uid"]
        )
        image = load_series(series, patient=patient)
        acquisition = describe_series(series, image)
    else:
        try:
            image = sitk.ReadImage(str(path))
        except RuntimeError as error:
            raise ExclusionError(
                "cannot be read as an image", stage=STAGE, patient=patient, file=path.name
            ) from error
        if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
            raise ExclusionError("is no 3-D CT", stage=STAGE, patient=patient, file=path.name)
        image = _whole_hu(image, patient=patient)
        acquisition = describe_volume(image)
    values = sitk.GetArrayViewFromImage(image)
    if values.min() < LOWEST_HU or int(values.max()) - int(values.min()) < LEAST_HU_RANGE:
        raise ExclusionError(
            f"values from {values.min()} to {values.max()} are no CT in HU",
            stage=STAGE,
            patient=patient,
        )
    return image, acquisition


def check_mask(
    mask: sitk.Image, *, spacing_mm: list[float], least: int, patient: str
) -> dict[str, float]:
    """Check that a mask holds enough of a tumour on the study's grid.

    Parameters
    ----------
    mask : SimpleITK.Image
        0 and 1, original grid.
    spacing_mm : list of float
        The study's grid.
    least : int
        The least number of voxels there.
    patient : str
        For the message.

    Returns
    -------
    dict
        ``voxels`` on the study's grid, ``volume_ml`` on the original one.

    Raises
    ------
    ExclusionError
        If the mask is empty, too small or flat.
    """
    before = int(sitk.GetArrayViewFromImage(mask).sum())
    if before == 0:
        raise ExclusionError("the mask is empty", stage="segmentation", patient=patient)
    resampled = sitk.GetArrayFromImage(resample_mask(mask, spacing_mm))
    voxels = int(resampled.sum())
    extent = [np.ptp(axis) + 1 for axis in np.nonzero(resampled)] if voxels else [0]
    if voxels < least or sum(length > 1 for length in extent) < 2:
        raise ExclusionError(
            f"the mask has {voxels} voxels on the study's grid, "
            f"imaging.minimum_roi_voxels is {least}",
            stage="segmentation",
            patient=patient,
        )
    volume = before * float(np.prod(mask.GetSpacing())) / 1000
    return {"voxels": voxels, "volume_ml": round(volume, 6)}


def _whole_hu(image: sitk.Image, *, patient: str) -> sitk.Image:
    values = sitk.GetArrayFromImage(image)
    if not np.isfinite(values).all():
        raise ExclusionError("the CT holds values that are no number", stage=STAGE, patient=patient)
    whole = sitk.GetImageFromArray(np.round(values).clip(-32768, 32767).astype(np.int16))
    whole.CopyInformation(image)
    return whole
