"""What a job asks of a machine: twice as much when it comes back, killed for want of it."""

from collections.abc import Callable
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
