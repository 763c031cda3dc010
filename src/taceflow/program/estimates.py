"""About how long a run takes and how much it writes, from what docs/performance.md measured."""

import math
from dataclasses import dataclass

_CPU_S_A_PATIENT = 8.0
"""From DICOM to features and patch, 130 slices of 512 x 512, one reading."""

_CPU_S_OF_CONVOLUTIONS = 1.6
_CPU_S_A_READING = 2.5
_CPU_S_OF_STATISTICS = 300.0
"""All that is fitted, drawn and written of the patients together."""

_MB_A_PATIENT = 22.0
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


def expected_cost(patients: int, readings: int, cores: int) -> Cost:
    """Return what a run with images takes, without a GPU.

    Parameters
    ----------
    patients : int
        Whose images are read.
    readings : int
        Masks a patient at most, at least 1.
    cores : int
        Of the machine.

    Returns
    -------
    Cost
        Right to a factor of two on such a machine: it knows nothing of the size of the scans.
    """
    more = max(0, readings - 1)
    seconds = patients * (_CPU_S_A_PATIENT + _CPU_S_OF_CONVOLUTIONS + more * _CPU_S_A_READING)
    # the statistics gain little by more than two cores
    minutes = (seconds / cores + _CPU_S_OF_STATISTICS / min(cores, 2)) / 60
    megabytes = patients * (_MB_A_PATIENT + more * _MB_A_READING) + _MB_OF_STUDY
    return Cost(minutes, megabytes / 1000)
