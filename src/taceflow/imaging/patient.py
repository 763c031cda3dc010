"""Import of one patient: the scan and every reading of its tumour, checked, without identifiers."""

import hashlib
import logging
from typing import Any

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.files.atomic import atomic_folder
from taceflow.files.tables import write_json
from taceflow.files.volumes.stored import FAST, write_volume
from taceflow.imaging.catalogue.patient_files import patient_files
from taceflow.imaging.catalogue.segmentation_choice import choose_segmentation
from taceflow.imaging.dicom.candidates import list_candidates
from taceflow.imaging.dicom.phase import PhaseError
from taceflow.imaging.import_settings import ImportSettings
from taceflow.imaging.masks.mask_file import ReferenceCT
from taceflow.imaging.masks.readings import load_readings
from taceflow.imaging.scan import Scan, load_scan
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
    settings: ImportSettings,
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
    settings : ImportSettings
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
        "images": {},
    }
    filed = patient_files(catalogue, patient) if catalogue else None
    try:
        loaded = load_scan(
            scan["image"],
            None if scan["image"] else filed["images"],
            settings.series,
            lost=0 if scan["image"] else filed["lost"],
            series_uid=scan["series_uid"],
            gantry_tilt=settings.gantry_tilt,
            patient=patient,
        )
        to_choose_from = list_candidates(loaded.to_choose_from, loaded.series, settings.series)
        record["acquisition"], record["choice"] = loaded.acquisition, loaded.choice
        record["doubt"] = loaded.doubt
        _LOG.info("the scan is chosen by %s", loaded.choice["reason"])
        if not masks and filed:
            phase = settings.series.phase
            masks = [_of_archive(filed["segmentations"], loaded, archive, phase, patient)]
        readings = load_readings(
            masks, ReferenceCT.of(loaded.image, loaded.series), settings, patient
        )
        record["readings"], record["readings_left_out"] = readings.described, readings.left_out
        notes = filter(None, [record["choice"]["notes"], *readings.notes])
        record["choice"]["notes"] = "; ".join(notes)
        usable = readings.masks
        if MAIN_READING not in usable:
            raise ExclusionError(
                f"{MAIN_READING} is missing", stage="segmentation", patient=patient
            )
        digests = {"ct": voxel_digest(loaded.image)}
        digests |= {name: voxel_digest(mask) for name, mask in usable.items()}
        record["digests"] = {
            "scan": _if_a_scanners(loaded.image, digests["ct"]),
            "series": loaded.series_digests,
            "masks": sorted(
                {one for name in usable for one in _if_a_scanners(usable[name], digests[name])}
            ),
        }
        record["images"] = {name: digest[:8] for name, digest in digests.items()}
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
            to_choose_from = list_candidates(error.all_series, None, settings.series)
    if candidates:
        write_json(to_choose_from, candidates)
    with atomic_folder(volumes) as target:
        for name, volume in taken.items():
            write_volume(volume, target / f"{name}.nii.gz", level=FAST if name == "ct" else -1)
        write_json(record, target / "import.json")


def voxel_digest(image: sitk.Image) -> str:
    """Return a digest of an image's voxels and size, by which two images are compared."""
    values = sitk.GetArrayViewFromImage(image)
    digest = hashlib.sha256(repr(values.shape).encode())
    digest.update(np.ascontiguousarray(values))  # no copy: the voxels of a view are in one piece
    return digest.hexdigest()


def _if_a_scanners(image: sitk.Image, digest: str) -> list[str]:
    """Return what two patients are compared by: nothing of two phantoms, which may be alike."""
    return [digest] if np.prod(image.GetSize()[:2]) >= LEAST_PIXELS else []


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
