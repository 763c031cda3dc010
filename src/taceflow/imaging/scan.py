"""The CT of one patient: the chosen series or the given file, as a volume in HU."""

import hashlib
import logging
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.files.locations import list_files, lone_file, on_disk, split_location
from taceflow.files.volumes.file import VolumeFile, place
from taceflow.imaging.acquisition import describe_series, describe_volume
from taceflow.imaging.dicom.files import read_header
from taceflow.imaging.dicom.phase import PhaseError, PhaseRules, choose_series
from taceflow.imaging.dicom.phase_rules import series_named
from taceflow.imaging.dicom.pixels import LOWEST_HU
from taceflow.imaging.dicom.series import Series, check_series, list_series
from taceflow.imaging.dicom.slices import STAGE
from taceflow.imaging.dicom.unused_files import (
    IMAGE_FILES,
    PACKED_FILES,
    UNREAD,
    WHOLE_IMAGE_FILES,
    UnusedFiles,
)
from taceflow.imaging.dicom.volume import load_series

LEAST_HU_RANGE = 100
"""From fat to enhanced liver alone; an image in [0, 1] spans 1."""

FINEST_MM, LARGEST_MM = 0.01, 5000
"""Voxels and extents beyond which a spacing is in another unit than mm."""

KNOWN_AGAIN_BY = 3
"""Images of a series: two copies of it share one, though slices be lost."""

_LOG = logging.getLogger(__name__)


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
    doubt : str
        Why somebody should look at the choice of the series, "" if nobody need.
    to_choose_from : tuple of Series
        All series of the patient, if so.
    """

    image: sitk.Image
    acquisition: dict[str, Any]
    choice: dict[str, Any]
    series: Series | None
    doubt: str = ""
    to_choose_from: tuple[Series, ...] = ()

    @property
    def series_digests(self) -> list[str]:
        """Digests of a few of its images' UIDs, by which a series is known again, also in part.

        None if the CT is no DICOM series, or if its UIDs tell nothing: some tools of
        de-identification give the same one to all images, or to all patients' series.
        """
        if self.series is None:
            return []
        uids = {
            one.location: str(one.header.get("SOPInstanceUID") or "") for one in self.series.slices
        }
        if "" in uids.values() or len(set(uids.values())) < len(uids):
            return []
        part = (self.series.uid, self.series.acquisition)
        digests = (hashlib.sha256(repr((*part, uid)).encode()).hexdigest() for uid in uids.values())
        return sorted(digests)[:KNOWN_AGAIN_BY]


def load_scan(
    image: str,
    locations: Sequence[str] | None,
    rules: PhaseRules,
    *,
    lost: int = 0,
    series_uid: str,
    gantry_tilt: str,
    patient: str,
) -> Scan:
    """Read the CT of the phase.

    Parameters
    ----------
    image : str
        DICOM folder, zip archive or image file of the table of scans; an image in an archive is
        ``archive.zip::name/in/it``, or the archive's only file.
    locations : sequence of str or None
        The patient's CT files in the catalogue, in place of `image`.
    rules : PhaseRules
        Which series is the phase.
    lost : int
        Files that the catalogue could not read beside them.
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
        If there is no such CT; `PhaseError` if not exactly one series is the phase.
    """
    path = _only_image(Path(image)) if locations is None else Path(image)
    where = {"stage": STAGE, "patient": patient}
    if locations is None and not _is_dicom(path, where):
        volume, notes = _read_file(path, patient=patient)
        choice = {"candidates": 1, "reason": "the file of the table of scans", "notes": notes}
        acquisition, series, doubt, found = describe_volume(volume), None, "", []
    else:
        unused = UnusedFiles(lost=Counter({UNREAD: lost} if lost else {}))
        if locations is not None and not locations:
            raise ExclusionError(
                "the archive holds no CT image of the patient",
                remedy="Check archive.root and archive.ids: which PatientID do the files carry?",
                **where,
            )
        try:
            found = list_series(path if locations is None else locations, unused)
        except (zipfile.BadZipFile, OSError) as error:
            raise ExclusionError(
                "the zip archive or folder of the scan cannot be read",
                remedy="Test the archive with `unzip -t`",
                **where,
            ) from error
        try:
            own = series_named(found, series_uid) if series_uid else []
            check_series(
                found, unused, own[0].uid if own else "", path if path.is_file() else None, where
            )
            chosen = choose_series(
                found, rules, patient=patient, uid=series_uid, is_declared=locations is None
            )
            series = chosen.series
            notes = list(series.notes)
            volume = load_series(series, patient=patient, gantry_tilt=gantry_tilt, notes=notes)
        except ExclusionError as error:
            volumes = [one for one in found if len(one.slices) > 1]
            is_choice = len(volumes) > 1 or isinstance(error, PhaseError)
            raise PhaseError(
                # what was lost may be the reason; where nothing is left it is said already
                "; ".join(filter(None, [error.problem, unused.note() if found else ""])),
                all_series=volumes if is_choice else [],
                patient=patient,
                file=error.file,
                remedy=error.remedy,
            ) from error
        choice = {
            "candidates": chosen.candidates,
            "series_number": series.number,
            "acquisition": series.acquisition,
            "reason": chosen.reason,
            "notes": "; ".join((*notes, *chosen.notes)),
        }
        doubt = chosen.doubt
        acquisition = describe_series(series, volume)
    _check_extent(volume, patient)
    values = sitk.GetArrayViewFromImage(volume)
    if values.min() < LOWEST_HU or int(values.max()) - int(values.min()) < LEAST_HU_RANGE:
        raise ExclusionError(
            f"values from {values.min()} to {values.max()} are no CT in HU",
            remedy="Set padding outside the field of view to -1024 HU, or declare it "
            "(PixelPaddingValue); if the values are in another unit than HU, export the scan again",
            **where,
        )
    # Wavelets and slices are named after the patient's axes, whatever order the file counts in.
    oriented = sitk.DICOMOrient(volume, "LPS")
    return Scan(oriented, acquisition, choice, series, doubt, tuple(found) if doubt else ())


def _only_image(path: Path) -> Path:
    """Return the image file of a folder or archive that holds this file alone, else the path."""
    lone = None
    if path.is_dir():
        lone = lone_file(path)
    elif path.suffix.lower() == ".zip" and zipfile.is_zipfile(path):
        files = list(islice(list_files(path), 2))
        lone = Path(files[0]) if len(files) == 1 else None
    return lone if lone is not None and lone.name.lower().endswith(IMAGE_FILES) else path


def _is_dicom(path: Path, where: dict[str, str]) -> bool:
    """Tell whether a scan is a folder, an archive or a file of DICOM."""
    if path.is_dir() or path.suffix.lower() == ".zip":
        return True
    if split_location(str(path))[1] is not None:
        if path.name.lower().endswith(WHOLE_IMAGE_FILES):
            return False
        raise ExclusionError(
            "a file in an archive is no scan, unless it is a NIfTI, NRRD or MHA of one file",
            remedy="Name the archive alone, and the series_uid if it holds several series",
            **where,
        )
    if not path.is_file():
        raise ExclusionError("the scan is neither a file nor a folder", file=path.name, **where)
    if path.name.lower().endswith(PACKED_FILES) and not path.name.lower().endswith(IMAGE_FILES):
        raise ExclusionError(
            "the scan is a packed file of a kind that is not read",
            file=path.name,
            remedy="Unpack it and name the folder, or pack it as zip",
            **where,
        )
    try:
        return read_header(str(path), ["SOPClassUID"]) is not None
    except Exception:  # a damaged header raises whatever its bytes happen to mean
        return not path.name.lower().endswith(IMAGE_FILES)


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
    try:
        with on_disk(str(path)) as copy:
            return _read_volume(VolumeFile(copy, where), where)
    except (KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ExclusionError(
            "the archive has no such file, or it cannot be unpacked",
            remedy="Compare the name with `unzip -l`, test the archive with `unzip -t`",
            **where,
        ) from error


def _read_volume(file: VolumeFile, where: dict[str, str]) -> tuple[sitk.Image, str]:
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
        _LOG.warning("%s", notes)
    return place(hu, file.header), notes
