"""From which series somebody may choose: a list that stays where the images are."""

from collections.abc import Iterable
from typing import Any

from taceflow.imaging.dicom.deidentification import NAMING_TAGS, opaque_key, scrub_description
from taceflow.imaging.dicom.files import read_header
from taceflow.imaging.dicom.image_type import image_type
from taceflow.imaging.dicom.phase_rules import PhaseRules, injection_delay_s, named_phases
from taceflow.imaging.dicom.reformats import orientation
from taceflow.imaging.dicom.sequence import acquired
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.times import DAY_S


def list_candidates(
    series: Iterable[Series], chosen: Series | None, rules: PhaseRules
) -> list[dict[str, Any]]:
    """Describe the series of a patient for whoever has to choose among them.

    Parameters
    ----------
    series : iterable of Series
        All CT series of the patient.
    chosen : Series or None
        What the rules took, with a doubt; None if they took nothing.
    rules : PhaseRules

    Returns
    -------
    list of dict
        Rows of ``private/candidates.tsv`` without the patient. Description and kernel are free
        text, less what the header itself shows to be a name.
    """
    series = list(series)
    dates = sorted({str(one.header.get("StudyDate") or "") for one in series})
    return [
        {
            "phase": rules.phase,
            "chosen": int(one is chosen),
            "series_uid": series_answer(one),
            "study": dates.index(str(one.header.get("StudyDate") or "")) + 1,
            "named": "; ".join(sorted(named_phases(one, rules))) or None,
            "slices": len(one.slices),
            **_from_header(one),
        }
        for one in series
    ]


def series_answer(series: Series) -> str:
    """Return what the table of scans takes as ``series_uid`` for this very acquisition."""
    place = f"/{series.acquisition.split()[0]}" if series.acquisition else ""
    return opaque_key(series.uid) + place


def _from_header(series: Series) -> dict[str, Any]:
    header, first = series.header, series.slices[0]
    naming = read_header(first.location, ["SOPClassUID", *NAMING_TAGS]) or {}
    names = [str(naming.get(tag) or "") for tag in NAMING_TAGS]
    start, _ = acquired(series)
    thickness = first.number("SliceThickness")
    return {
        "series_number": series.number,
        "description": scrub_description(series.description, names) or None,
        "acquisition": series.acquisition or None,
        "time": _clock(start) if start < float("inf") else None,
        "slice_thickness_mm": thickness if 0 < thickness < float("inf") else None,
        "kernel": scrub_description(str(header.get("ConvolutionKernel") or ""), names) or None,
        "orientation": orientation(series) or None,
        "image_type": image_type(header) or None,
        "contrast": int(bool(str(header.get("ContrastBolusAgent") or "").strip())),
        "delay_s": injection_delay_s(series),
    }


def _clock(seconds: float) -> str:
    """Return the time of day; the date stays out."""
    second = int(seconds % DAY_S)
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
