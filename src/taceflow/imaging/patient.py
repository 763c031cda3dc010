"""Import of one patient: the scan and every reading of its tumour, checked, without identifiers."""

import hashlib
import logging
from typing import Any

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.files.atomic import atomic_folder
from taceflow.files.tables import write_json
from taceflow.imaging.catalogue.index import read_catalogue
from taceflow.imaging.catalogue.segmentation_choice import choose_segmentation
from taceflow.imaging.dicom.candidates import list_candidates
from taceflow.imaging.dicom.phase import PhaseError, PhaseRules
from taceflow.imaging.masks.load import load_mask
from taceflow.imaging.masks.target import Target
from taceflow.imaging.resample import resample_mask
from taceflow.imaging.scan import Scan, load_scan
from taceflow.imaging.stored_volume import FAST, write_volume
from taceflow.readings import MAIN_READING, OTHER_SERIES

LEAST_PIXELS = 256 * 256
"""Of a slice by a scanner, also where an export has halved the matrix."""

_LOG = logging.getLogger(__name__)


def import_patient(
    *,
    patient: str,
    scan: dict[str, str],
    masks: list[dict[str, str]],
    archive: dict[str, str] | None,
    catalogue: str | None,
    rules: PhaseRules,
    gantry_tilt: str,
    tumors: str,
    spacing_mm: list[float],
    mask_interpolation: str,
    minimum_roi_voxels: int,
    on_bad_input: str,
    volumes: str,
    candidates: str | None = None,
) -> None:
    """Import one patient into a folder; one who cannot be used leaves the reason there.

    Parameters
    ----------
    patient : str
        The study's id.
    scan : dict
        ``image``, a file, zip archive or DICOM folder, "" if the archive has it; ``series_uid``.
    masks : list of dict
        ``reading``, ``phase``, ``mask`` and ``roi`` of each reading; without any, the archive's
        segmentation is taken.
    archive : dict or None
        ``segmentations``, the pattern on their description, and ``roi``.
    catalogue : str or None
        Table of the archive's files.
    rules : PhaseRules
        Which series is the phase.
    gantry_tilt : {"refuse", "resample"}
        What to do with a tilted scan.
    tumors : {"union", "largest", "each"}
        What to take of several tumours.
    spacing_mm : list of float
        The study's grid, on which a mask must have its least number of voxels.
    mask_interpolation : {"nearest", "linear"}
        How masks are brought there.
    minimum_roi_voxels : int
        That number.
    on_bad_input : {"exclude", "fail"}
        Whether a patient who cannot be used is recorded or raised.
    volumes : str
        Folder to be filled: ``ct.nii.gz``, ``mask_{reading}.nii.gz``, ``import.json``.
    candidates : str, optional
        JSON file to be written, apart from all that travels: the series of the patient, if
        somebody should choose one, or look at the choice; else an empty list.

    Raises
    ------
    ExclusionError
        With `on_bad_input` "fail".
    """
    taken: dict[str, sitk.Image] = {}
    to_choose_from: list[dict[str, Any]] = []
    record: dict[str, Any] = {
        "patient_id": patient,
        "exclusion": None,
        "acquisition": None,
        "choice": None,
        "doubt": "",
        "readings": [],
        "readings_left_out": {},
        "digests": {},
    }
    filed = read_catalogue(catalogue).patient(patient) if catalogue else None
    try:
        loaded = load_scan(
            scan["image"],
            None if scan["image"] else filed["images"],
            rules,
            lost=0 if scan["image"] else filed["lost"],
            series_uid=scan["series_uid"],
            gantry_tilt=gantry_tilt,
            patient=patient,
        )
        to_choose_from = list_candidates(loaded.to_choose_from, loaded.series, rules)
        record["acquisition"], record["choice"] = loaded.acquisition, loaded.choice
        record["doubt"] = loaded.doubt
        _LOG.info("the scan is chosen by %s", loaded.choice["reason"])
        if not masks and filed:
            masks = [_of_archive(filed["segmentations"], loaded, archive, rules.phase, patient)]
        target_ct = Target.of(loaded.image, loaded.series)
        usable = {}
        for row in sorted(masks, key=lambda one: one["reading"] != MAIN_READING):
            try:
                mask = load_mask(row["mask"], row["roi"], target_ct, patient=patient, tumors=tumors)
                facts = check_mask(
                    mask.image,
                    spacing_mm=spacing_mm,
                    interpolation=mask_interpolation,
                    least=minimum_roi_voxels,
                    patient=patient,
                )
            except ExclusionError as error:
                if row["reading"] == MAIN_READING:
                    raise
                _LOG.warning("%s is left out: %s", row["reading"], error)
                record["readings_left_out"][row["reading"]] = error.problem
                continue
            notes, drawn_on = list(mask.notes), row["phase"]
            if mask.on_series is False and drawn_on == rules.phase:
                notes.append("the file names another series than the scan's as the one drawn on")
                drawn_on = OTHER_SERIES
            if drawn_on != rules.phase:
                _LOG.warning("%s was drawn on the %s phase", row["reading"], drawn_on)
            told = [f"{row['reading']}: {note}" for note in notes]
            record["choice"]["notes"] = "; ".join(filter(None, [record["choice"]["notes"], *told]))
            usable[row["reading"]] = mask.image
            reader, reading = row["reading"].removeprefix("reader").split("-")
            record["readings"].append(
                {"reader": int(reader), "reading": int(reading), "phase": drawn_on, **facts}
            )
        if MAIN_READING not in usable:
            raise ExclusionError(
                f"{MAIN_READING} is missing", stage="segmentation", patient=patient
            )
        record["digests"] = {
            "scan": voxel_digest(loaded.image),
            "series": loaded.series_digests,
            "masks": sorted({one for mask in usable.values() for one in voxel_digest(mask)}),
        }
        taken = {"ct": loaded.image} | {f"mask_{name}": mask for name, mask in usable.items()}
        _LOG.info("%d slices, readings %s", loaded.image.GetSize()[2], ", ".join(usable))
    except ExclusionError as error:
        if on_bad_input == "fail":
            raise
        _LOG.warning("%s", error)
        record["exclusion"] = {
            "stage": error.stage,
            "reason": error.problem,
            "remedy": error.remedy or "",
        }
        record["readings"] = []
        if isinstance(error, PhaseError):
            to_choose_from = list_candidates(error.found, None, rules)
    if candidates:
        write_json(to_choose_from, candidates)
    with atomic_folder(volumes) as target:
        for name, volume in taken.items():
            write_volume(volume, target / f"{name}.nii.gz", level=FAST if name == "ct" else -1)
        write_json(record, target / "import.json")


def voxel_digest(image: sitk.Image) -> list[str]:
    """Return a digest of an image's voxels and size, by which two patients' files are compared.

    None of an image that is smaller than any scanner's: two phantoms may be alike.
    """
    values = sitk.GetArrayViewFromImage(image)
    if np.prod(values.shape[1:]) < LEAST_PIXELS:
        return []
    digest = hashlib.sha256(repr(values.shape).encode())
    digest.update(np.ascontiguousarray(values))  # no copy: the voxels of a view are in one piece
    return [digest.hexdigest()]


def _of_archive(
    locations: list[str], scan: Scan, archive: dict[str, str], phase: str, patient: str
) -> dict[str, str]:
    """Return the archive's segmentation as a row of the table of segmentations."""
    if scan.series is None:
        raise ExclusionError(
            "a scan that is no DICOM series has no segmentation in the archive",
            stage="segmentation",
            patient=patient,
            remedy="Name the mask in the table of segmentations",
        )
    location, on_series = choose_segmentation(
        locations, scan.series, pattern=archive["segmentations"], patient=patient
    )
    return {
        "reading": MAIN_READING,
        "phase": phase if on_series else OTHER_SERIES,
        "mask": location,
        "roi": archive["roi"],
    }


def check_mask(
    mask: sitk.Image, *, spacing_mm: list[float], interpolation: str, least: int, patient: str
) -> dict[str, float]:
    """Check that a mask holds enough of a tumour on the study's grid.

    Parameters
    ----------
    mask : SimpleITK.Image
        0 and 1, original grid.
    spacing_mm : list of float
        The study's grid.
    interpolation : {"nearest", "linear"}
        How the mask is brought there.
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
    resampled = sitk.GetArrayFromImage(resample_mask(mask, spacing_mm, interpolation))
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
