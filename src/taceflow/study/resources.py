"""What a job asks of a machine: twice as much when it comes back, killed for want of it."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

BESIDE_MB = 450
"""Of Snakemake itself on a cluster's node: two processes of up to 220 MB (docs/cluster.md)."""


def memory_mb(own_mb: int) -> Callable[[Any, int], int]:
    """Return a function of wildcards and attempt: the memory that a job asks for, in MB.

    Parameters
    ----------
    own_mb : int
        What the step itself takes.
    """
    return minutes(own_mb + BESIDE_MB)


def minutes(own: int) -> Callable[[Any, int], int]:
    """Return a function of wildcards and attempt: the minutes that a job asks for.

    Parameters
    ----------
    own : int
        What the step takes.
    """

    def asked(wildcards: Any, attempt: int) -> int:
        return own * attempt

    return asked


def check_processors(threads: Mapping[str, int]) -> None:
    """Refuse to start on a cluster of which no node has the processors that a job asks for.

    Slurm takes such a job and lets it wait for ever.

    Parameters
    ----------
    threads : mapping of str to int
        By rule, what its jobs ask for.

    Raises
    ------
    SystemExit
        With a message, if a rule asks for more than the largest node has.
    """
    told = subprocess.run(
        ["sinfo", "--noheader", "--Node", "--format=%c"], capture_output=True, text=True, check=True
    )
    largest = max(map(int, told.stdout.split()))
    rules = sorted(rule for rule, count in threads.items() if count > largest)
    if rules:
        sys.exit(
            f"Error: no node of this cluster has more than {largest} processors, and "
            f"{', '.join(rules)} would wait for more for ever: add --max-threads {largest}, or set "
            "max-threads in profiles/slurm/config.yaml"
        )
