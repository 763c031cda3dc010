"""Where the values of an NRRD or a MetaImage file lie, and what its header states."""

import re
from pathlib import Path
from typing import BinaryIO

import numpy as np

from taceflow.files.volumes.layout import Layout, inflated, plain, unzipped

METAIMAGE, NRRD = (".mha", ".mhd"), (".nrrd", ".nhdr")
"""How the names of such files end."""

_MOST_DIMENSIONS = 10
_HEADER_START = 1 << 16
_LONGEST_HEADER = 1 << 20


def check_dimensions(file: str) -> None:
    """Refuse a MetaImage header of more dimensions than ITK has room for: it overruns its memory.

    Raises
    ------
    ValueError
        With the number.
    """
    if not file.lower().endswith(METAIMAGE):
        return
    with Path(file).open("rb") as opened:
        named = re.findall(rb"NDims\s*=\s*(\d+)", opened.read(_HEADER_START), re.IGNORECASE)
    if any(int(number) > _MOST_DIMENSIONS for number in named):
        raise ValueError(f"its header names {max(map(int, named))} dimensions")


def _beside(file: str, name: str) -> str | None:
    """Return the path of the one file that a header names for the values, None if it is several."""
    if "%" in name or name.split()[0].casefold() == "list":
        return None
    return str(Path(file).parent / name)


def metaimage_layout(file: str, opened: BinaryIO, kind: str) -> Layout | None:
    """Find where the values of a MetaImage are, None if its layout is not plain.

    https://itk.org/Wiki/ITK/MetaIO/Documentation
    """
    facts: dict[str, str] = {}
    while "elementdatafile" not in facts and opened.tell() < _LONGEST_HEADER:
        line = opened.readline(_LONGEST_HEADER)
        if not line:
            return None
        key, _, value = line.decode("latin-1").partition("=")
        facts[key.strip().casefold()] = value.strip()
    named = facts.get("elementdatafile", "")
    facts = {key: value.casefold() for key, value in facts.items()}
    if not named or facts.get("binarydata") != "true" or facts.get("headersize", "0") != "0":
        return None
    is_local = named.casefold() == "local"
    data = file if is_local else _beside(file, named)
    if data is None:
        return None
    swapped = facts.get("binarydatabyteordermsb", facts.get("elementbyteordermsb")) == "true"
    return Layout(
        data,
        opened.tell() if is_local else 0,
        0,
        np.dtype((">" if swapped else "<") + kind),
        inflated if facts.get("compresseddata") == "true" else plain,
        states_spacing=not facts.keys().isdisjoint(("elementspacing", "elementsize")),
        states_orientation=not facts.keys().isdisjoint(
            ("transformmatrix", "rotation", "orientation")
        ),
    )


def nrrd_layout(file: str, opened: BinaryIO, kind: str) -> Layout | None:
    """Find where the values of an NRRD file are, None if its layout is not plain.

    https://teem.sourceforge.net/nrrd/format.html
    """
    facts: dict[str, str] = {}
    while (line := opened.readline(_LONGEST_HEADER).decode("latin-1").strip()) and (
        opened.tell() < _LONGEST_HEADER
    ):
        key, _, value = line.partition(": ")
        facts[key.casefold()] = value.strip()
    named = facts.pop("data file", None) or facts.pop("datafile", None)
    facts = {key: value.casefold() for key, value in facts.items()}
    data = _beside(file, named) if named else file
    known = {"raw": plain, "gz": unzipped, "gzip": unzipped}
    if (
        data is None
        or facts.get("encoding") not in known
        or any(name in facts for name in ("line skip", "lineskip", "byte skip", "byteskip"))
    ):
        return None
    directions = facts.get("space directions", "")
    return Layout(
        data,
        0 if named else opened.tell(),
        0,
        np.dtype((">" if facts.get("endian") == "big" else "<") + kind),
        known[facts["encoding"]],
        states_spacing="none" not in directions and bool(directions or facts.get("spacings")),
        states_orientation=bool(directions),
    )
