"""The errors of taceflow, each with a message that says what to do."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any


class TaceflowError(Exception):
    """Base of all errors that a user can mend."""


class OwnFaultError(Exception):
    """A step made something that breaks the workflow's own rules: no user can mend it.

    Parameters
    ----------
    problem : str
        What was made, with the numbers.
    file : str
        Where it would have been written.
    """

    def __init__(self, problem: str, *, file: str) -> None:
        super().__init__(
            f"{problem} [{file}]. This is a fault of taceflow, not of your data or your "
            "configuration, and nothing was written. Please report it with this message"
        )


class ConfigurationError(TaceflowError):
    """A key or a value of the configuration cannot be used."""


class InputError(TaceflowError):
    """A table or a file that a user brought cannot be used.

    Parameters
    ----------
    problem : str or sequence of str
        What is wrong, with the numbers; of several, each by itself.
    patient : str, optional
        The study's own patient id.
    row : int, optional
        Row of the user's table, as the program that made it counts.
    file : str, optional
        The file or folder that shows the problem.
    remedy : str, optional
        What the user can do.
    """

    def __init__(
        self,
        problem: str | Sequence[str],
        *,
        patient: str | None = None,
        row: int | None = None,
        file: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problems = (problem,) if isinstance(problem, str) else tuple(problem)
        self.problem = problem = "; ".join(self.problems)
        self.patient = patient
        self.file = file
        self.remedy = remedy
        place = ", ".join(filter(None, [file, f"row {row}" if row else None]))
        parts = [f"patient {patient}: " if patient else "", problem]
        if place:
            parts.append(f" [{place}]")
        if remedy:
            parts.append(f". {remedy}")
        super().__init__("".join(parts))


class SeveralErrors(InputError):
    """Several things that a user can mend, each with its own message.

    Parameters
    ----------
    errors : sequence of TaceflowError
        Two or more.
    """

    def __init__(self, errors: Sequence[TaceflowError]) -> None:
        super().__init__([str(error) for error in errors])
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return "\nError: ".join(self.problems)


def all_of(checks: Iterable[Callable[[], Any]]) -> list[Any]:
    """Make checks that do not need each other, and tell all that is wrong at once.

    Parameters
    ----------
    checks : iterable of callable
        Without parameters.

    Returns
    -------
    list
        What they return.

    Raises
    ------
    TaceflowError
        The only one, or `SeveralErrors`.
    """
    made, errors = [], []
    for check in checks:
        try:
            made.append(check())
        except TaceflowError as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else SeveralErrors(errors)
    return made


_LOOK_AT_IT = {
    "imaging": "Open the scan in a viewer, then copy or export it again",
    "segmentation": "Open the mask over its CT in a viewer, then export it again on that CT",
}
"""What helps with a damaged file of any kind, by stage."""


class ExclusionError(InputError):
    """One patient cannot be used; the cohort goes on without.

    Parameters
    ----------
    problem : str
        The reason, as it appears in ``cohort/exclusions.tsv``.
    stage : str
        Where it showed, e.g. ``imaging``.
    **where
        ``patient``, ``row``, ``file`` and ``remedy`` of `InputError`; without a remedy, of what is
        wrong in a file, it is to look at the file.
    """

    def __init__(self, problem: str, *, stage: str, **where: Any) -> None:
        self.stage = stage
        remedy = where.pop("remedy", None) or _LOOK_AT_IT.get(stage)
        super().__init__(problem, remedy=remedy, **where)


class DamagedFileError(InputError):
    """A file that the run itself wrote is not what was written: cut, changed or missing."""


class DiskError(TaceflowError):
    """A file cannot be written: the disk is full, or takes none.

    Parameters
    ----------
    problem : str
        What is wrong, and what the user can do.
    number : int
        The system's number of it, as ``errno.ENOSPC``.
    """

    def __init__(self, problem: str, number: int) -> None:
        self.errno = number
        super().__init__(problem)


class CodeChangedError(TaceflowError):
    """The code was edited between the planning of a run and one of its jobs."""


class CohortTooSmallError(TaceflowError):
    """Too few patients or events for what is asked."""


class SeparationError(TaceflowError):
    """A covariate predicts the event perfectly: its coefficient has no finite estimate."""


class CollinearityError(TaceflowError):
    """A covariate is a linear combination of the others."""


class ConvergenceError(TaceflowError):
    """An iteration ended without an answer."""


class WeightsError(TaceflowError):
    """A file of network weights does not fit the network."""
