"""Which of the regions of a file is the tumour: by name, by number, or all."""

import struct
from dataclasses import dataclass

from pydicom.datadict import tag_for_keyword
from pydicom.errors import BytesLengthException, InvalidDicomError

from taceflow.errors import ExclusionError

ALL = "*"
SEPARATOR = ";"

LONGEST_LIST = 20
"""Regions that a message names."""

UNUSABLE = (
    ArithmeticError,
    AttributeError,
    BytesLengthException,
    EOFError,
    InvalidDicomError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)
"""What pydicom and highdicom raise on an object that breaks the standard."""


def what_failed(error: Exception) -> str:
    """Return what an object lacks, by the standard's own name; else the kind of the error."""
    if isinstance(error, AttributeError) and tag_for_keyword(str(error.name)) is not None:
        return f"it lacks {error.name}"
    return type(error).__name__


@dataclass(frozen=True)
class Region:
    """One region of a file: a label value, a segment or a ROI."""

    number: int
    name: str = ""
    layer: int = 0


def choose_regions(roi: str, regions: list[Region], where: dict[str, str]) -> list[Region]:
    """Return the regions that the table of segmentations asks for.

    Parameters
    ----------
    roi : str
        A name or a number, several of them separated by ``;``, ``*`` for all, "" for the only one.
        A name is compared exactly, then as a number, then without regard to case and outer blanks.
    regions : list of Region
        Those of the file.
    where : dict
        Stage, patient and file for the message.

    Returns
    -------
    list of Region
        In the order of `roi`, each once.

    Raises
    ------
    ExclusionError
        If a region is not there, or more than one is meant.
    """
    if not regions:
        raise ExclusionError("holds no region", **where)
    if roi.strip() == ALL:
        return regions
    if not roi.strip():
        if len(regions) == 1:
            return regions
        raise _refuse(f"the file holds several regions ({len(regions)})", regions, where)
    # A name may hold the separator itself.
    parts = [roi] if _find(roi, regions) else roi.split(SEPARATOR)
    chosen = []
    for part in filter(str.strip, parts):
        found = _find(part, regions)
        if not found:
            raise _refuse("the region that the table names is not there", regions, where)
        if len(found) > 1:
            raise _refuse(f"{len(found)} regions have the name in the table", regions, where)
        chosen += found
    return list(dict.fromkeys(chosen))


def _find(name: str, regions: list[Region]) -> list[Region]:
    """Return the regions that the first rule with an answer finds."""
    stripped = name.strip()
    return (
        [one for one in regions if one.name and one.name == name]
        or [one for one in regions if str(one.number) == stripped]
        or [one for one in regions if one.name.strip().casefold() == stripped.casefold()]
    )


def _refuse(problem: str, regions: list[Region], where: dict[str, str]) -> ExclusionError:
    # Names are free text, in which hospitals write those of patients: numbers only.
    named = ", ".join(str(one.number) for one in regions[:LONGEST_LIST])
    rest = len(regions) - LONGEST_LIST
    remedy = f"Set roi in the table of segmentations to a name in the file or a number: {named}"
    return ExclusionError(
        problem, remedy=f"{remedy} and {rest} more" if rest > 0 else remedy, **where
    )
