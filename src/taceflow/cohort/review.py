"""What a reader said of the pictures of quality control: ``review.tsv``, as its page saves it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from taceflow.errors import InputError
from taceflow.files.cells import records
from taceflow.files.sheets.ids import check_known, first_rows
from taceflow.files.sheets.read import read_sheet

VERDICTS = {
    "keep": "the patient stays",
    "exclude": "the patient leaves the study",
    "redraw": "the patient is left out until a mask of another outline comes",
}
"""Each with what follows from it."""

REDRAW = "to be redrawn"


@dataclass(frozen=True)
class Verdict:
    """What a reader said of a patient.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    reason : str
        In the reader's words; "" where nothing was said.
    images : str
        The CT and the readings that were looked at, as `images_text` writes them; "" if unknown.
    reader : str
        Who judged, if that was told.
    """

    verdict: str
    reason: str = ""
    images: str = ""
    reader: str = ""

    def changed(self, images: Mapping[str, str]) -> list[str]:
        """Return which of those that were looked at are no longer what they were.

        A reading that came later is none of them.

        Parameters
        ----------
        images : mapping of str to str
            Digests of today's, as ``import.json`` holds them.
        """
        seen = dict(part.split(" ", 1) for part in self.images.split("; ") if " " in part)
        return [name for name, digest in seen.items() if images.get(name) != digest]


def images_text(images: Mapping[str, str]) -> str:
    """Return digests as one cell, which no program takes for a number.

    >>> images_text({"ct": "12e45678", "reader1-1": "00000001"})
    'ct 12e45678; reader1-1 00000001'
    """
    return "; ".join(f"{name} {digest}" for name, digest in images.items())


def read_review(path: str, patients: Collection[str]) -> dict[str, Verdict]:
    """Read the table of verdicts; a row without a verdict says nothing.

    Parameters
    ----------
    path : str
        The user's.
    patients : collection of str
        Ids of the table of patients.

    Returns
    -------
    dict of str to Verdict
        By patient.

    Raises
    ------
    InputError
        If the table breaks its schema, a patient is unknown, or somebody is left out without a
        reason.
    """
    table = read_sheet(path, "review")
    table = table[table["verdict"].notna()]
    rows = first_rows(table)
    check_known(rows, patients, path)
    found = {}
    for row in records(table):
        patient, reason = row["patient_id"], str(row.get("reason", "")).strip()
        problem, remedy = "", ""
        if patient not in patients:
            problem = "is not in the table of patients"
            remedy = "Take the row out, or add the patient there"
        elif row["verdict"] != "keep" and not reason:
            problem = f"the verdict is {row['verdict']}, and the reason is empty"
            remedy = "Write the reason: it stands in Figure S1 and in cohort/exclusions.tsv"
        if problem:
            raise InputError(problem, patient=patient, row=rows[patient], file=path, remedy=remedy)
        told = {name: row.get(name, "") for name in ("images", "reader")}
        found[patient] = Verdict(row["verdict"], reason, **told)
    return found


def _is_redrawn(said: Verdict, images: Mapping[str, str] | None) -> bool:
    return images is not None and any(name != "ct" for name in said.changed(images))


def excluded_for_good(review: Mapping[str, Verdict]) -> dict[str, tuple[str, str, str]]:
    """Find those whom a reader left out whatever their images are, as `review_exclusions`."""
    return review_exclusions(
        {one: said for one, said in review.items() if said.verdict == "exclude"}, {}
    )


def review_exclusions(
    review: Mapping[str, Verdict], images: Mapping[str, Mapping[str, str]]
) -> dict[str, tuple[str, str, str]]:
    """Find the patients whom a reader left out.

    Whoever was to be redrawn is back as soon as a mask that was looked at has changed.

    Parameters
    ----------
    review : mapping of str to Verdict
    images : mapping
        By patient: digests of the CT and the readings; nothing is known of whoever is not there.

    Returns
    -------
    dict
        ``{patient_id: (stage, reason, remedy)}``.
    """
    found = {}
    for patient, said in review.items():
        if said.verdict == "exclude":
            found[patient] = ("review", said.reason, "")
        elif said.verdict == "redraw" and not _is_redrawn(said, images.get(patient)):
            back = ": the patient is back then" if said.images else ", and take the verdict out"
            remedy = f"Draw the mask again{back}"
            found[patient] = ("review", f"{REDRAW}: {said.reason}", remedy)
    return found
