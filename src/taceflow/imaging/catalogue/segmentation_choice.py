"""Which segmentation of an archive belongs to the chosen scan, and why."""

import re
from collections.abc import Iterable

from taceflow.errors import ExclusionError
from taceflow.imaging.catalogue.header_values import referenced_series
from taceflow.imaging.dicom.files import read_header
from taceflow.imaging.dicom.series import Series
from taceflow.wording.counts import counted

_TAGS = [
    "SOPClassUID",
    "SeriesDescription",
    "StudyInstanceUID",
    "ReferencedSeriesSequence",
    "ReferencedFrameOfReferenceSequence",
]


def choose_segmentation(
    locations: Iterable[str], series: Series, *, pattern: str, patient: str
) -> tuple[str, bool]:
    """Choose the one DICOM-SEG or RTSTRUCT that names the scan, else the one of its study.

    Parameters
    ----------
    locations : iterable of str
        All segmentations of the patient.
    series : Series
        The chosen scan.
    pattern : str
        Regular expression on the segmentation's series description.
    patient : str
        For the message.

    Returns
    -------
    location : str
        Of the segmentation.
    on_series : bool
        Whether it was drawn on the chosen series itself, as far as it says so.

    Raises
    ------
    ExclusionError
        If there is none, or several and not exactly one names the chosen series.
    """
    study = str(series.header.get("StudyInstanceUID") or "")
    headers = [(location, read_header(location, _TAGS)) for location in locations]
    fitting = [
        (
            location,
            any(
                str(item.get("SeriesInstanceUID")) == series.uid
                for item in referenced_series(header)
            ),
            str(header.get("StudyInstanceUID") or "") == study,
        )
        for location, header in headers
        if header is not None and re.search(pattern, str(header.get("SeriesDescription") or ""))
    ]
    # One that names the scan is its own, whatever study its writer put it into.
    own = [one for one in fitting if one[1]]
    of_study = [one for one in fitting if one[2]]
    for candidates in ([one for one in own if one[2]], own, of_study):
        if len(candidates) == 1:
            location, on_series, _ = candidates[0]
            return location, on_series
        if candidates:
            break
    raise ExclusionError(
        f"archive.segmentations fits {len(fitting) or 'none'} of the patient's "
        f"{counted(len(headers), 'segmentation')}: {len(of_study)} of the scan's study, "
        f"{len(own)} naming the scan",
        stage="segmentation",
        patient=patient,
        remedy="Mend archive.segmentations, or name the mask in the table of segmentations",
    )
