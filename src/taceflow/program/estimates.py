"""About how long a run takes and how much it writes, from what docs/performance.md measured."""

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from taceflow.errors import InputError
from taceflow.files.locations import list_files, size_of, split_location

USUAL_SLICES = 130
"""Of a scan of which nothing is known."""

_CPU_S_A_PATIENT = 5.2
"""From DICOM to features and patch, one reading, whatever the number of slices."""

_CPU_S_A_SLICE = 0.0215
"""Of 512 x 512."""

_CPU_S_OF_CONVOLUTIONS = 1.6
_CPU_S_A_READING = 2.5
_CPU_S_OF_STATISTICS = 300.0
"""All that is fitted, drawn and written of the patients together."""

_MB_A_PATIENT = 6.0
_MB_A_SLICE = 0.123
_MB_A_READING = 0.5
_MB_OF_STUDY = 600.0
"""The model twice, in its bundle and its folder, figures and report."""


@dataclass(frozen=True)
class Cost:
    """What a run takes: minutes by the clock, and GB on the disk."""

    minutes: float
    disk_gb: float

    @property
    def told_time(self) -> str:
        """Time in words, rounded up."""
        if self.minutes < 90:
            return f"{5 * math.ceil(self.minutes / 5)} min"
        return f"{math.ceil(self.minutes / 60)} h"


_MOST_ASKED = 20
"""Scans that are looked at, spread over the table."""

_MOST_FILES = 2000
"""Files of a folder that are counted."""

_MB_OF_PLAIN_SLICE, _MB_OF_PACKED_SLICE = 0.52, 0.13
"""In a file of several: 16 bits a voxel, and what gzip makes of it."""


def usual_slices(images: Sequence[str]) -> int:
    """Return about how many slices of 512 x 512 a scan has, by the size and number of files alone.

    Parameters
    ----------
    images : sequence of str
        Folders, archives and files of the table of scans; a folder that several name is shared.

    Returns
    -------
    int
        The median of a few; `USUAL_SLICES` if nothing is there.
    """
    shared = Counter(images)
    some = list(shared)[:: math.ceil(len(shared) / _MOST_ASKED) or 1]
    counts = [count for one in some if (count := _slices_of(one) / shared[one]) >= 1]
    return round(statistics.median(counts)) if counts else USUAL_SLICES


def _slices_of(image: str) -> float:
    try:
        is_file = split_location(image)[1] is not None or Path(image).suffix.lower() != ".zip"
        if Path(image).is_dir() or not is_file:
            files = list(islice(list_files(Path(image)), _MOST_FILES))
            return len(files) if len(files) > 1 else sum(map(_slices_of, files))
        plain = _MB_OF_PACKED_SLICE if image.lower().endswith(".gz") else _MB_OF_PLAIN_SLICE
        return size_of(image) / 1e6 / plain
    except (InputError, KeyError, OSError, ValueError):
        return 0  # what cannot be read is said elsewhere


def expected_cost(patients: int, readings: int, cores: int, slices: int = USUAL_SLICES) -> Cost:
    """Return what a run with images takes, without a GPU.

    Parameters
    ----------
    patients : int
        Whose images are read.
    readings : int
        Masks a patient at most, at least 1.
    cores : int
        Of the machine.
    slices : int
        Of 512 x 512, a scan.

    Returns
    -------
    Cost
        Right to a factor of two on such a machine.
    """
    more = max(0, readings - 1)
    of_patient = _CPU_S_A_PATIENT + slices * _CPU_S_A_SLICE + _CPU_S_OF_CONVOLUTIONS
    seconds = patients * (of_patient + more * _CPU_S_A_READING)
    # the statistics gain little by more than two cores
    minutes = (seconds / cores + _CPU_S_OF_STATISTICS / min(cores, 2)) / 60
    of_patient = _MB_A_PATIENT + slices * _MB_A_SLICE + more * _MB_A_READING
    megabytes = patients * of_patient + _MB_OF_STUDY
    return Cost(minutes, megabytes / 1000)
