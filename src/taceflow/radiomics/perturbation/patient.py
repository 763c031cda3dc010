"""The radiomic features of one patient under perturbed masks."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from taceflow.files.volumes.stored import read_volume
from taceflow.imaging.crop import Crop
from taceflow.radiomics.extract import Extraction, Measured, measure_masks
from taceflow.radiomics.mask_boxes import count_voxels
from taceflow.radiomics.panel import read_panel
from taceflow.radiomics.patient_table import write_patient_table
from taceflow.radiomics.perturbation.chosen_patients import seed_of
from taceflow.radiomics.perturbation.masks import MaskPerturber, Movement, Perturbed
from taceflow.readings import MAIN_READING
from taceflow.wording.counts import counted

_LOG = logging.getLogger(__name__)

DRAWN = (
    *("patient_id", "perturbation", "redrawn", "volume_fraction"),
    *(f"translation_{axis}_mm" for axis in "xyz"),
)
"""What is said of a perturbation before its features."""

MOST_REDRAWS = 20
"""A patient whose tumour nearly always vanishes is left out."""


def perturb_patient(
    *,
    patient: str,
    resampled: str,
    how: Extraction,
    movement: Movement,
    seed: int,
    count: int,
    features: str,
) -> None:
    """Compute the features of a patient under perturbations of reader 1's first mask.

    Parameters
    ----------
    patient : str
        The study's id; with `seed` it decides what is drawn.
    resampled : str
        Folder with ``ct.nii.gz``, ``mask_reader1-1.nii.gz`` and ``crop.json``, 1 mm.
    how : Extraction
        A perturbation that leaves fewer voxels is drawn again.
    movement : Movement
        How far the mask is moved.
    seed : int
        Of the perturbations.
    count : int
        Perturbations.
    features : str
        Table to be written, one row a perturbation, a gap where a feature is not finite; no row
        if the tumour is too small.
    """
    folder = Path(resampled)
    mask = read_volume(folder / f"mask_{MAIN_READING}.nii.gz", output=folder)
    drawn, redrawn = draw_masks(
        mask,
        movement,
        count=count,
        minimum_voxels=how.minimum_roi_voxels,
        random=np.random.default_rng(seed_of(seed, patient)),
    )
    if redrawn:
        told = counted(redrawn, "perturbation")
        _LOG.warning("drawn again, since too few voxels were left: %s", told)
    if not drawn:
        _LOG.warning("patient %s is left out: the tumour is too small to be perturbed", patient)
    recipe = read_panel(how.panel)
    masks: dict[Any, sitk.Image] = {number: each.mask for number, each in enumerate(drawn, 1)}
    measured: Measured = {}
    if masks:
        ct = read_volume(folder / "ct.nii.gz", output=folder)
        measured = measure_masks(ct, masks, recipe, how, patient, cut=Crop.read(folder))
    rows = [
        dict(zip(DRAWN, _facts(patient, number, redrawn, each), strict=True)) | measured[number]
        for number, each in enumerate(drawn, 1)
    ]
    write_patient_table(rows, features, [*DRAWN, *recipe.columns])
    _LOG.info("%d perturbations", len(drawn))


def draw_masks(
    mask: sitk.Image,
    movement: Movement,
    *,
    count: int,
    minimum_voxels: int,
    random: np.random.Generator,
) -> tuple[list[Perturbed], int]:
    """Return perturbations that leave enough voxels, and how many had to be drawn again.

    Parameters
    ----------
    mask : SimpleITK.Image
        0 and 1.
    movement : Movement
        How far.
    count : int
        Perturbations.
    minimum_voxels : int
        Fewest voxels of a perturbed mask.
    random : numpy.random.Generator
        Its state decides; more perturbations begin with the same ones.

    Returns
    -------
    drawn : list of Perturbed
        `count` of them, or none after more than `MOST_REDRAWS` failures.
    redrawn : int
    """
    perturber = MaskPerturber(mask, movement)
    drawn: list[Perturbed] = []
    redrawn = 0
    while len(drawn) < count:
        perturbed = perturber.draw(random)
        if count_voxels(perturbed.mask) >= minimum_voxels:
            drawn.append(perturbed)
        elif redrawn == MOST_REDRAWS:
            return [], redrawn
        else:
            redrawn += 1
    return drawn, redrawn


def _facts(patient: str, number: int, redrawn: int, drawn: Perturbed) -> tuple[Any, ...]:
    return patient, number, redrawn, float(drawn.volume_fraction), *drawn.translation_mm
