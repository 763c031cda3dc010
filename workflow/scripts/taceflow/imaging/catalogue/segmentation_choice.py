"""Which segmentation of an archive belongs to the chosen scan, and why."""

import re
from collections.abc import Iterable

from taceflow.errors import ExclusionError
from taceflow.imaging.catalogue.header_values import referenced_series
from taceflow.imaging.dicom.files import read_header
from taceflow.imaging.dicom.series import Series

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
    """Choose the one DICOM-SEG or RTSTRUCT of the scan's study.

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
        If there is none, or several and not exactly one refers to the chosen series.
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
        )
        for location, header in headers
        if header is not None
        and str(header.get("StudyInstanceUID") or "") == study
        and re.search(pattern, str(header.get("SeriesDescription") or ""))
    ]
    own = [one for one in fitting if one[1]]
    for candidates in (own, fitting):
        if len(candidates) == 1:
            return candidates[0]
    raise ExclusionError(
        f"{len(fitting) or 'no'} segmentations of the scan's study fit archive.segmentations, "
        f"{len(own)} of them refer to the scan, among {len(headers)}",
        stage="segmentation",
        patient=patient,
        remedy="Mend archive.segmentations, or name the mask in the table of segmentations",
    )
