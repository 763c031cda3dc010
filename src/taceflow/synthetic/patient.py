"""Everything of one synthetic patient on disk: a folder of DICOM slices and the readers' masks."""

import logging
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from taceflow.files.atomic import atomic_folder
from taceflow.files.volumes.stored import write_volume
from taceflow.synthetic.dicom import draw_person, write_segmentation, write_series
from taceflow.synthetic.latent import (
    EMPTY_MASK,
    NO_ARTERIAL_PHASE,
    SEGMENT_LABEL,
    draw_patient,
    generator,
    mask_name,
    number_of,
)
from taceflow.synthetic.phantom import PHASES, make_phantom
from taceflow.synthetic.shapes import Grid
from taceflow.synthetic.tumor import outline

_LOG = logging.getLogger(__name__)


def write_patient(settings: dict, patient_id: str, folder: str) -> None:
    """Write the CT and the masks of one synthetic patient.

    Parameters
    ----------
    settings : dict
        The `synthetic` section, or the part of it that `image_settings` returns.
    patient_id : str
        Study id, e.g. ``HCC-007``.
    folder : str
        Gets ``ct/``, the slices of all phases in one folder under names that tell neither phase nor
        place, and ``masks/`` (`mask_name`). The same bytes at every run.
    """
    patient = draw_patient(settings, number_of(patient_id))
    phantom = make_phantom(settings["seed"], patient)
    draw = generator(settings["seed"], patient.number, "header")
    person = draw_person(
        draw,
        sex=patient.sex,
        age_years=patient.age_years,
        uid_sources=("taceflow", str(settings["seed"]), str(patient.number)),
    )
    phases = [p for p in PHASES if p != "arterial" or patient.defect != NO_ARTERIAL_PHASE]
    with atomic_folder(folder) as target:
        images, masks = target / "ct", target / "masks"
        images.mkdir()
        masks.mkdir()
        slices = phantom.grid.shape[0]
        order = draw.permutation(len(PHASES) * slices)
        files = [images / f"IM{place + 1:05d}.dcm" for place in order]
        written = {
            phase: write_series(
                phantom.hu[phase], phantom.grid, person, phase, files[k * slices : (k + 1) * slices]
            )
            for k, phase in enumerate(phases)
        }
        for reader, reading in patient.readings:
            shape = outline(phantom.tumor, settings["seed"], patient, reader, reading)
            mask = shape.mask(phantom.grid)
            if patient.defect == EMPTY_MASK:
                mask = np.zeros_like(mask)
            file = masks / mask_name(reader, reading)
            if file.suffix == ".dcm":
                write_segmentation(mask, written[phases[0]], person, SEGMENT_LABEL, file)
            else:
                _write_nifti(mask, phantom.grid, file)
    _LOG.info(
        "%s: %d phases of %d slices, %d masks",
        patient_id,
        len(phases),
        slices,
        len(patient.readings),
    )


def _write_nifti(mask: np.ndarray, grid: Grid, file: Path) -> None:
    """Write a label image on the grid of the CT."""
    image = sitk.GetImageFromArray(mask)
    image.SetOrigin(grid.origin_mm)
    image.SetSpacing(grid.spacing_mm)
    write_volume(image, file)
