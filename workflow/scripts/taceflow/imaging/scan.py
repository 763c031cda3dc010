"""The CT of one patient: the chosen series or the given file, as a volume in HU."""

import logging
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.imaging.acquisition import describe_series, describe_volume
from taceflow.imaging.dicom.files import list_files
from taceflow.imaging.dicom.phase import PhaseRules, choose_series
from taceflow.imaging.dicom.series import Series, group_series
from taceflow.imaging.dicom.slices import STAGE
from taceflow.imaging.dicom.volume import load_series
from taceflow.imaging.volume_file import VolumeFile, place

LOWEST_HU = -3100
"""Air is -1000 HU; scanners write down to -3024 outside the field of view."""

LEAST_HU_RANGE = 100
"""From fat to enhanced liver alone; an image in [0, 1] spans 1."""

FINEST_MM, LARGEST_MM = 0.01, 5000
"""Voxels and extents beyond which a spacing is in another unit than mm."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scan:
    """A CT and where it comes from.

    Attributes
    ----------
    image : SimpleITK.Image
        HU, 16-bit integers, original grid, counted to the left, to the back and to the head.
    acquisition : dict
        A row of ``cohort/acquisition.tsv`` without patient and phase.
    choice : dict
        A row of ``cohort/series.tsv`` without patient and phase.
    series : Series or None
        With its header, which stays in memory; None if the CT is no DICOM series.
    """

    image: sitk.Image
    acquisition: dict[str, Any]
    choice: dict[str, Any]
    series: Series | None

    @property
    def frame_of_reference(self) -> str | None:
        """FrameOfReferenceUID of the series, None if it is not known."""
        if self.series is None:
            return None
        return str(self.series.header.get("FrameOfReferenceUID") or "") or None


def load_scan(
    image: str,
    locations: Iterable[str] | None,
    rules: PhaseRules,
    *,
    series_uid: str,
    gantry_tilt: str,
    patient: str,
) -> Scan:
    """Read the CT of the phase.

    Parameters
    ----------
    image : str
        DICOM folder, zip archive or image file of the table of scans.
    locations : iterable of str or None
        The patient's CT files in the catalogue, in place of `image`.
    rules : PhaseRules
        Which series is the phase.
    series_uid : str
        The series to take; "" leaves it to the rules.
    gantry_tilt : {"refuse", "resample"}
        What to do with a tilted scan.
    patient : str
        For the message.

    Returns
    -------
    Scan

    Raises
    ------
    ExclusionError
        If there is no such CT.
    """
    path = Path(image)
    if locations is None and not path.is_dir() and path.suffix.lower() != ".zip":
        volume, notes = _read_file(path, patient=patient)
        choice = {"candidates": 1, "reason": "the file of the table of scans", "notes": notes}
        acquisition, series = describe_volume(volume), None
    else:
        try:
            found = group_series(list_files(path) if locations is None else locations)
        except (zipfile.BadZipFile, OSError) as error:
            raise ExclusionError(
                "the zip archive or folder of the scan cannot be read",
                stage=STAGE,
                patient=patient,
                remedy="Test the archive with `unzip -t`",
            ) from error
        chosen = choose_series(found, rules, patient=patient, uid=series_uid)
        series = chosen.series
        volume = load_series(series, patient=patient, gantry_tilt=gantry_tilt)
        choice = {
            "candidates": chosen.candidates,
            "series_number": series.number,
            "acquisition": series.acquisition,
            "reason": chosen.reason,
            "notes": "; ".join(series.notes),
        }
        acquisition = describe_series(series, volume)
    _check_extent(volume, patient)
    values = sitk.GetArrayViewFromImage(volume)
    if values.min() < LOWEST_HU or int(values.max()) - int(values.min()) < LEAST_HU_RANGE:
        raise ExclusionError(
            f"values from {values.min()} to {values.max()} are no CT in HU",
            stage=STAGE,
            patient=patient,
        )
    # Wavelets and slices are named after the patient's axes, whatever order the file counts in.
    return Scan(sitk.DICOMOrient(volume, "LPS"), acquisition, choice, series)


def _check_extent(volume: sitk.Image, patient: str) -> None:
    spacing = np.array(volume.GetSpacing())
    extent = spacing * volume.GetSize()
    if spacing.min() < FINEST_MM or extent.max() > LARGEST_MM:
        raise ExclusionError(
            f"voxels of {' x '.join(f'{mm:g}' for mm in spacing)} mm and an extent of "
            f"{' x '.join(f'{mm:g}' for mm in extent)} mm: is the spacing in mm?",
            stage=STAGE,
            patient=patient,
        )


def _read_file(path: Path, *, patient: str) -> tuple[sitk.Image, str]:
    """Return the CT of a file, and what is to be known of it."""
    where = {"stage": STAGE, "patient": patient, "file": path.name}
    file = VolumeFile(str(path), where)
    if file.dimensions != 3 or file.values_a_voxel != 1:
        raise ExclusionError("the scan is no 3-D CT", **where)
    columns, rows, slices = file.header.GetSize()
    hu = np.empty((slices, rows, columns), dtype=np.int16)
    limits = np.iinfo(np.int16)
    for target, values in zip(hu, file.slices(), strict=True):
        if not np.isfinite(values).all():
            raise ExclusionError("the CT holds values that are no number", **where)
        if values.min() < limits.min or values.max() > limits.max:
            raise ExclusionError(
                f"values from {values.min()} to {values.max()} are no CT in HU", **where
            )
        target[:] = np.round(values)
    notes = ""
    if not file.states_orientation:
        notes = "the header states no orientation: the patient's axes are assumed"
        logger.warning("%s", notes)
    return place(hu, file.header), notes
