"""Whether what was found of a patient can be a scan at all, before a series is chosen."""

from pathlib import Path

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.persons import count_persons
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.survey import Survey


def check_series(
    all_series: list[Series], survey: Survey, uid: str, file: Path | None, where: dict[str, str]
) -> None:
    """Check that there are series, with more than a slice, and of one person.

    Parameters
    ----------
    all_series : list of Series
        All CT series of the patient.
    survey : Survey
        What lies beside them.
    uid : str
        The series of the table of scans: what lies beside it counts for nothing; "" for none.
    file : pathlib.Path or None
        The file that the table of scans names, None if it names a folder.
    where : dict
        Stage and patient, for the message.

    Raises
    ------
    ExclusionError
        With what was found.
    """
    if not all_series:
        problem, remedy = survey.explain()
        raise ExclusionError(problem, remedy=remedy, **where)
    if max(len(one.slices) for one in all_series) < 2:
        _refuse_single_slices(all_series, file, where)
    counted = [one for one in all_series if one.uid == uid] or all_series
    persons = count_persons(each.header for one in counted for each in one.slices)
    if len(persons) > 1:
        listed = ", ".join(f"{count:,}" for count in persons)
        raise ExclusionError(
            f"images of {len(persons)} persons lie together (PatientID, name or date of birth "
            f"differ): {listed} images",
            remedy="Take the other person's files out, or set series_uid in the table of scans to "
            "the series that is the patient's own",
            **where,
        )


def _refuse_single_slices(
    all_series: list[Series], file: Path | None, where: dict[str, str]
) -> None:
    if len(all_series) > 1:
        raise ExclusionError(
            f"{len(all_series):,} series of one slice each: one slice is no volume, and each file "
            "has a SeriesInstanceUID of its own",
            remedy="Export the scan again so that its slices keep a common SeriesInstanceUID: "
            "some tools of de-identification draw a new one for each file",
            **where,
        )
    raise ExclusionError(
        "the scan is one slice, which is no volume",
        file=file and file.name,
        remedy="Name the folder that holds all slices" if file else "Export the whole series",
        **where,
    )
