"""What a call says when it ends: what to open, how long it took, who is out; or what went wrong."""

import csv
import sys
import time
from pathlib import Path

from taceflow.wording.counts import counted

_PAGES = ("report.html", "application/index.html", "qc/index.html", "qc/contact_sheet/page_01.png")
"""What a run is read in, first choice first."""

_MOST = 5


_began_s: list[float] = []


def begin() -> None:
    """Remember when the jobs of this process begin."""
    _began_s.append(time.time())


def say_the_end(run: str) -> None:
    """Print what `told_at_the_end` says of this process."""
    told = told_at_the_end(f"results/{run}", _began_s[-1], time.time())
    print("", *told, sep="\n", file=sys.stderr)


def say_what_failed(run: str) -> None:
    """Print what `told_of_failure` says of this process."""
    print("", *told_of_failure(f"results/{run}", _began_s[-1]), sep="\n", file=sys.stderr)


def told_at_the_end(results: str, started_s: float, now_s: float) -> list[str]:
    """Return the lines that end a call which made all that it was asked for.

    Parameters
    ----------
    results : str
        The run's folder.
    started_s, now_s : float
        When the call began, and the time now, in seconds since 1970.
    """
    made = [path for path in _pages(results) if path.stat().st_mtime >= started_s]
    lines = [f"Open {path}" for path in made[:1]]
    lines.append(f"It took {_duration(now_s - started_s)}.")
    out = _excluded(Path(results, "cohort", "exclusions.tsv"))
    if out is not None:
        lines.append(out)
    return lines


def told_of_failure(results: str, started_s: float) -> list[str]:
    """Return what the jobs that failed said, with the log of each.

    Parameters
    ----------
    results, started_s
        As for `told_at_the_end`.
    """
    notes = [note for note in Path(results, "logs").rglob("*.final") if _since(note, started_s)]
    lines = []
    for note in sorted(notes, key=lambda path: path.stat().st_mtime)[:_MOST]:
        lines += [note.read_text(encoding="utf-8").strip(), f"  log: {note.with_suffix('.log')}"]
    if len(notes) > _MOST:
        lines.append(f"... and {counted(len(notes) - _MOST, 'more job')}")
    if not notes:
        return [
            "What went wrong stands above, and in the log that is named there. What was made is "
            "kept: the same command goes on from here."
        ]
    return [*lines, "What was made is kept: mend this, and the same command goes on from here."]


def _since(path: Path, started_s: float) -> bool:
    return path.stat().st_mtime >= started_s


def _pages(results: str) -> list[Path]:
    return [path for name in _PAGES if (path := Path(results, name)).is_file()]


def _duration(seconds: float) -> str:
    """Return a duration in words.

    >>> _duration(357.2), _duration(3.4), _duration(7320)
    ('5 min 57 s', '3 s', '2 h 2 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _excluded(table: Path) -> str | None:
    if not table.is_file():
        return None
    with table.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened, delimiter="\t"))
    if not rows:
        return "Nobody was excluded."
    named = [f"{row['patient_id']} ({row['stage']})" for row in rows[:_MOST]]
    more = f" and {len(rows) - _MOST} more" if len(rows) > _MOST else ""
    return f"Excluded: {', '.join(named)}{more}; the reasons are in {table}"
