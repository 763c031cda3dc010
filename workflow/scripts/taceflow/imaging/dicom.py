"""DICOM folders: which series there are, which one is meant, and its volume in HU."""

import logging
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import SimpleITK as sitk
from pydicom.errors import InvalidDicomError

from taceflow.errors import ExclusionError

logger = logging.getLogger(__name__)

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
STAGE = "imaging"

SPACING_TOLERANCE_MM = 0.01
"""Largest deviation of a slice gap from the median gap."""

TILT_TOLERANCE = 1e-3
"""Largest sine of the angle between the slices' normal and the way from slice to slice."""

_HEADER_TAGS = [
    "SOPClassUID",
    "ImageType",
    "SeriesInstanceUID",
    "SeriesDescription",
    "SeriesNumber",
    "Modality",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "KVP",
    "XRayTubeCurrent",
    "ReconstructionDiameter",
    "Rows",
    "Columns",
    "Manufacturer",
]


@dataclass(frozen=True)
class Slice:
    """One CT image file and the header facts that are needed; nothing that identifies a person."""

    file: Path
    header: pydicom.Dataset

    @property
    def position_mm(self) -> np.ndarray:
        """Position of the first voxel, LPS."""
        return np.asarray(self.header.ImagePositionPatient, dtype=float)

    @property
    def orientation(self) -> np.ndarray:
        """Row and column directions, shape (6,)."""
        return np.asarray(self.header.ImageOrientationPatient, dtype=float)


@dataclass(frozen=True)
class Series:
    """A CT series: its slices in spatial order."""

    uid: str
    number: int
    description: str
    slices: tuple[Slice, ...]


def list_series(folder: Path) -> list[Series]:
    """Read the headers below a folder and group its CT images by series.

    Parameters
    ----------
    folder : Path
        Walked to the bottom; files that are no CT image are passed over.

    Returns
    -------
    list of Series
        By series number.
    """
    members: dict[str, list[Slice]] = {}
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file.name.startswith("."):
            continue
        try:
            header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=_HEADER_TAGS)
        except InvalidDicomError:
            continue
        is_localizer = "LOCALIZER" in (header.get("ImageType") or ())
        is_slice = (
            header.get("SOPClassUID") == CT_IMAGE_STORAGE and "ImagePositionPatient" in header
        )
        if is_slice and not is_localizer:
            members.setdefault(str(header.SeriesInstanceUID), []).append(Slice(file, header))
    found = []
    for uid, slices in members.items():
        normal = np.cross(slices[0].orientation[:3], slices[0].orientation[3:])
        slices.sort(key=lambda one: float(one.position_mm @ normal))
        first = slices[0].header
        found.append(
            Series(
                uid=uid,
                number=int(first.get("SeriesNumber") or 0),
                description=str(first.get("SeriesDescription") or ""),
                slices=tuple(slices),
            )
        )
    return sorted(found, key=lambda series: (series.number, series.uid))


def choose_series(
    found: list[Series], *, patient: str, phase: str, pattern: str | None, uid: str
) -> Series:
    """Choose the series of a phase; two candidates or none exclude the patient.

    Parameters
    ----------
    found : list of Series
        From `list_series`.
    patient : str
        For the message.
    phase : str
        The phase that is looked for.
    pattern : str or None
        Regular expression on the series description; None takes any.
    uid : str
        SeriesInstanceUID from the table of scans, which wins; "" if none is given.

    Returns
    -------
    Series

    Raises
    ------
    ExclusionError
        If not exactly one series fits.
    """
    if uid:
        chosen = [series for series in found if series.uid == uid]
        sought = "with the series_uid of the table of scans"
    else:
        chosen = [
            series for series in found if pattern is None or re.search(pattern, series.description)
        ]
        sought = f"in the {phase} phase (pattern {pattern!r})"
    if len(chosen) == 1:
        return chosen[0]
    # Descriptions are free text, in which hospitals write names: numbers only.
    seen = ", ".join(f"number {one.number} of {len(one.slices)} slices" for one in found)
    raise ExclusionError(
        f"{len(chosen) or 'no'} CT series {sought} among {len(found)}: {seen or 'none'}",
        stage=STAGE,
        patient=patient,
        remedy="Set series_uid in the table of scans or imaging.phase_patterns",
    )


def load_series(series: Series, *, patient: str) -> sitk.Image:
    """Read a series as a volume in HU.

    Parameters
    ----------
    series : Series
        Its slices in spatial order.
    patient : str
        For the message.

    Returns
    -------
    SimpleITK.Image
        16-bit integers, without any header of the files.

    Raises
    ------
    ExclusionError
        If the slices do not form an even, untilted stack.
    """
    check_stack(series, patient=patient)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames([str(one.file) for one in series.slices])
    try:
        read = reader.Execute()
    except RuntimeError as error:
        raise ExclusionError(
            f"the pixel data cannot be read (series number {series.number})",
            stage=STAGE,
            patient=patient,
        ) from error
    positions = np.array([one.position_mm for one in series.slices])
    gap = float(np.linalg.norm(positions[-1] - positions[0]) / (len(positions) - 1))
    rows, columns = series.slices[0].orientation[:3], series.slices[0].orientation[3:]
    values = np.round(sitk.GetArrayFromImage(read)).clip(-32768, 32767).astype(np.int16)
    image = sitk.GetImageFromArray(values)
    row_gap, column_gap = (float(value) for value in series.slices[0].header.PixelSpacing)
    image.SetSpacing((column_gap, row_gap, gap))
    image.SetOrigin(positions[0].tolist())
    image.SetDirection(np.stack([rows, columns, np.cross(rows, columns)], axis=1).ravel().tolist())
    return image


def check_stack(series: Series, *, patient: str) -> None:
    """Raise an `ExclusionError` if the slices do not form an even, untilted stack."""

    def refuse(problem: str) -> ExclusionError:
        where = f"{problem} (series number {series.number})"
        return ExclusionError(where, stage=STAGE, patient=patient)

    slices = series.slices
    if len(slices) < 2:
        raise refuse("one slice is no volume")
    for name in ("Rows", "Columns", "PixelSpacing"):
        if len({str(one.header.get(name)) for one in slices}) > 1:
            raise refuse(f"{name} differs between slices")
    orientation = slices[0].orientation
    if any(np.abs(one.orientation - orientation).max() > 1e-4 for one in slices):
        raise refuse("the slices' orientation differs")
    steps = np.diff([one.position_mm for one in slices], axis=0)
    gaps = np.linalg.norm(steps, axis=1)
    typical = float(np.median(gaps))
    if (gaps < SPACING_TOLERANCE_MM).any():
        raise refuse("two slices lie at the same position")
    if np.abs(gaps - typical).max() > SPACING_TOLERANCE_MM:
        raise refuse(
            f"the slice gaps are uneven: {gaps.min():.3f} to {gaps.max():.3f} mm, "
            "is a slice missing?"
        )
    normal = np.cross(orientation[:3], orientation[3:])
    if np.linalg.norm(np.cross(steps.sum(axis=0) / gaps.sum(), normal)) > TILT_TOLERANCE:
        raise refuse("the gantry is tilted")
