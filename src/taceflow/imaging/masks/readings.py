"""The readings of one patient's tumour that can be used, on the grid of the CT."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.imaging.crop import box_of
from taceflow.imaging.import_settings import ImportSettings
from taceflow.imaging.interpolation import reached, resample_mask, target_grid
from taceflow.imaging.masks.load import load_mask
from taceflow.imaging.masks.mask_file import ReferenceCT
from taceflow.readings import MAIN_READING, OTHER_SERIES
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Readings:
    """A patient's readings.

    Attributes
    ----------
    masks : dict of str to SimpleITK.Image
        By reading.
    described : list of dict
        ``reader``, ``reading``, ``phase``, ``voxels`` and ``volume_ml`` of each.
    left_out : dict of str to str
        Why, by reading.
    notes : list of str
        What was mended or decided.
    """

    masks: dict[str, sitk.Image] = field(default_factory=dict)
    described: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def load_readings(
    rows: Sequence[Mapping[str, str]], ct: ReferenceCT, settings: ImportSettings, patient: str
) -> Readings:
    """Read the masks of a patient; one that cannot be used is left out, if it is not the main one.

    Parameters
    ----------
    rows : sequence of mapping
        ``reading``, ``phase``, ``mask`` and ``roi`` of each reading.
    ct : ReferenceCT
    settings : ImportSettings
    patient : str
        For messages.

    Returns
    -------
    Readings

    Raises
    ------
    ExclusionError
        If the main reading cannot be used.
    """
    readings = Readings()
    for row in sorted(rows, key=lambda row: row["reading"] != MAIN_READING):
        name, drawn_on = row["reading"], row["phase"]
        try:
            mask = load_mask(row["mask"], row["roi"], ct, patient=patient, tumors=settings.tumors)
            facts = check_mask(mask.image, settings, patient)
        except ExclusionError as error:
            if name == MAIN_READING:
                raise
            _LOG.warning("%s is left out: %s", name, error)
            readings.left_out[name] = error.problem
            continue
        notes = list(mask.notes)
        if mask.on_series is False and drawn_on == settings.series.phase:
            notes.append("the file names another series than the scan's as the one drawn on")
            drawn_on = OTHER_SERIES
        if drawn_on != settings.series.phase:
            _LOG.warning("%s was drawn on the %s phase", name, drawn_on)
        readings.notes.extend(f"{name}: {note}" for note in notes)
        readings.masks[name] = mask.image
        reader, number = name.removeprefix("reader").split("-")
        readings.described.append(
            {"reader": int(reader), "reading": int(number), "phase": drawn_on, **facts}
        )
    return readings


def check_mask(mask: sitk.Image, settings: ImportSettings, patient: str) -> dict[str, float]:
    """Check that a mask holds enough of a tumour on the study's grid.

    Parameters
    ----------
    mask : SimpleITK.Image
        0 and 1, original grid.
    settings : ImportSettings
        The study's grid, how the mask is brought there, and its least number of voxels there.
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
    before = int(np.count_nonzero(sitk.GetArrayViewFromImage(mask)))
    if before == 0:
        raise ExclusionError("the mask is empty", stage="segmentation", patient=patient)
    spacing_mm = settings.spacing_mm
    part = reached(mask, target_grid(mask, spacing_mm))
    resampled = sitk.GetArrayFromImage(
        resample_mask(mask, spacing_mm, settings.mask_interpolation, part)
    )
    voxels = int(np.count_nonzero(resampled))
    _, size = box_of(resampled)
    if voxels < settings.minimum_roi_voxels or (size > 1).sum() < 2:
        raise ExclusionError(
            f"the mask has {counted(voxels, 'voxel')} on the study's grid, "
            f"imaging.minimum_roi_voxels is {settings.minimum_roi_voxels}",
            stage="segmentation",
            patient=patient,
        )
    volume = before * float(np.prod(mask.GetSpacing())) / 1000
    return {"voxels": voxels, "volume_ml": round(volume, 6)}
