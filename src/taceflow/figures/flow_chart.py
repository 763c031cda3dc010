"""Figure S1: who entered the study, who did not and why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from taceflow.errors import InputError
from taceflow.figures import style
from taceflow.files.tables import read_table
from taceflow.wording.counts import counted
from taceflow.wording.lettering import fill, line_height_mm
from taceflow.wording.names import COHORTS, cohort_name, in_order
from taceflow.wording.printing import without_paths

_SIZE_PT = 6.5
_PADDING_MM = 1.6
_GAP_MM = 5.0
_MARGIN_MM = 1.0
_TRUNK, _SIDE = 36 / 85, 42 / 85
"""Widths of the boxes, of the figure's."""
_MOST_REASONS = 8
_STAGES = {"follow-up": 0, "imaging": 1, "segmentation": 2, "features": 3, "review": 4}


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    width: float
    lines: tuple[str, ...]
    edge: str = style.BLACK

    @property
    def height(self) -> float:
        return len(self.lines) * line_height_mm(_SIZE_PT) + 2 * _PADDING_MM

    @property
    def bottom(self) -> float:
        return self.top - self.height


def flow_chart(
    patients: pd.DataFrame,
    exclusions: pd.DataFrame,
    total: int,
    screening: Sequence[tuple[str, int]] = (),
) -> Figure:
    """Draw the flow chart.

    Parameters
    ----------
    patients : pandas.DataFrame
        Included patients: ``patient_id``, ``cohort``, ``event``.
    exclusions : pandas.DataFrame
        ``patient_id``, ``stage``, ``reason``; the first row of a patient counts.
    total : int
        Rows of the sheet that the run began with.
    screening : sequence of (str, int), optional
        Who was left out before: each reason with the number of patients.

    Raises
    ------
    InputError
        If included and excluded patients do not add up to the total.
    """
    excluded = exclusions.drop_duplicates("patient_id")
    if len(patients) + len(excluded) != total:
        raise InputError(
            f"{len(patients)} included and {len(excluded)} excluded patients "
            f"are not the {total} of the sheet",
            remedy="A patient is lost without a reason: delete the folder cohort/ and run again",
        )
    boxes = _boxes(patients, excluded, total, screening)
    trunk, sides, leaves = boxes
    height = 2 * _MARGIN_MM - min(box.bottom for box in [*trunk, *sides, *leaves])
    figure = style.new_figure(style.column_mm(), height, layout=None)
    axes = style.axes_in_mm(figure, 0, 0, style.column_mm(), height)
    axes.set(xlim=(0, style.column_mm()), ylim=(_MARGIN_MM - height, _MARGIN_MM))
    axes.set_axis_off()
    for box in [*trunk, *sides, *leaves]:
        _draw(axes, box)
    _connect(axes, trunk, sides, leaves)
    return figure


def write_flow_chart(
    *,
    patients: str,
    exclusions: str,
    total: int,
    screening: Sequence[tuple[str, int]],
    outputs: Sequence[str],
) -> None:
    """Read the tables, draw Figure S1 and write it to each output."""
    figure = flow_chart(read_table(patients), read_table(exclusions), total, screening)
    style.save_figure(figure, outputs, title="Figure S1: flow of patients")


def _boxes(
    patients: pd.DataFrame,
    excluded: pd.DataFrame,
    total: int,
    screening: Sequence[tuple[str, int]],
) -> tuple[list[_Box], list[_Box], list[_Box]]:
    """Return the boxes down the trunk, those of exclusions beside it and the cohorts below."""
    centre = _MARGIN_MM + _trunk_mm() / 2
    side_left = style.column_mm() - _MARGIN_MM - _side_mm()
    before = sum(n for _, n in screening)
    first = "Patients screened" if screening else "Patients in the sheet"
    remaining = total + before
    trunk = [_Box(_MARGIN_MM, 0, _trunk_mm(), (first, f"n = {remaining}"))]
    sides = []
    steps = [(lines, n, "Remaining patients") for lines, n in _exclusions(excluded)]
    if screening:
        steps.insert(0, (_before_the_study(screening), before, "Patients in the sheet"))
    for number, (lines, n, then) in enumerate(steps, start=1):
        remaining -= n
        side = _Box(side_left, trunk[-1].bottom - _GAP_MM / 2, _side_mm(), lines, style.GREY)
        sides.append(side)
        last = number == len(steps)
        name = "Patients analysed" if last else then
        top = min(side.bottom, trunk[-1].bottom) - _GAP_MM / 2
        trunk.append(
            _Box(_MARGIN_MM, top, _trunk_mm(), (name, *_counts(patients, remaining, last)))
        )
    cohorts = in_order(patients["cohort"], COHORTS)
    width = (style.column_mm() - 2 * _MARGIN_MM - 2 * (len(cohorts) - 1)) / max(len(cohorts), 1)
    width = min(width, _trunk_mm())
    leaves = []
    for position, cohort in enumerate(cohorts):
        members = patients[patients["cohort"] == cohort]
        left = centre - width / 2 if len(cohorts) == 1 else _MARGIN_MM + position * (width + 2)
        lines = (cohort_name(cohort), *_counts(members, len(members), True))
        top = trunk[-1].bottom - _GAP_MM
        leaves.append(_Box(left, top, width, lines, style.COHORT_COLOURS.get(cohort, style.GREY)))
    return trunk, sides, leaves


def _trunk_mm() -> float:
    return _TRUNK * style.column_mm()


def _side_mm() -> float:
    return _SIDE * style.column_mm()


def _counts(patients: pd.DataFrame, n: int, final: bool) -> tuple[str, ...]:
    if not final:
        return (f"n = {n}",)
    events = int(patients["event"].sum())
    return (f"n = {n}", counted(events, "death"))


def _exclusions(excluded: pd.DataFrame) -> list[tuple[tuple[str, ...], int]]:
    """Return the lines and the number of patients of each box of exclusions."""
    if excluded.empty:
        return [(("None excluded", "• every patient can be used"), 0)]
    order = in_order(excluded["stage"], _STAGES)
    stages = {stage: excluded[excluded["stage"] == stage] for stage in order}
    return [(_exclusion_lines(stage, rows), len(rows)) for stage, rows in stages.items()]


def _exclusion_lines(stage: str, rows: pd.DataFrame) -> tuple[str, ...]:
    reasons = rows["reason"].map(_in_short).value_counts(sort=False)
    reasons = reasons.sort_values(ascending=False, kind="stable")
    shown = list(reasons.iloc[:_MOST_REASONS].items())
    others = int(reasons.iloc[_MOST_REASONS:].sum())
    if others:
        shown.append(("other reasons", others))
    return _listed(f"{stage.capitalize()}: {len(rows)} excluded", shown)


def _before_the_study(screening: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Return the lines of the box of those who are not in the sheet, as the table has them."""
    return _listed(f"Screening: {sum(n for _, n in screening)} excluded", screening)


def _listed(head: str, counts: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Return a head and a bullet for each reason, broken into lines that fit the box."""
    lines = [head]
    for text in (f"{reason} (n = {n})" for reason, n in counts):
        # a no-break space keeps "(n = 3)" on one line while the text is broken
        kept = text.replace(" = ", "\u00a0=\u00a0")
        first, *rest = fill(kept, _side_mm() - 2 * _PADDING_MM - 2.5, _SIZE_PT)
        lines.append(f"• {first}")
        lines.extend(f"   {line}" for line in rest)
    return tuple(line.replace("\u00a0", " ") for line in lines)


def _in_short(reason: str) -> str:
    """Return a reason without its details, which the table of exclusions has in full."""
    parts = [part for part in re.split(r"\s*[(\[:;]\s*", without_paths(reason)) if part]
    # a single word before a colon says where, and the next part what
    return ": ".join(parts[: 1 if parts and " " in parts[0] else 2]) or reason


def _draw(axes: Axes, box: _Box) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (box.left, box.bottom),
            box.width,
            box.height,
            boxstyle="round,pad=0,rounding_size=0.8",
            facecolor="white",
            edgecolor=box.edge,
            linewidth=0.8,
        )
    )
    listing = any(line.startswith("•") for line in box.lines)
    x = box.left + _PADDING_MM if listing else box.left + box.width / 2
    for position, line in enumerate(box.lines):
        y = box.top - _PADDING_MM - (position + 0.5) * line_height_mm(_SIZE_PT)
        axes.text(
            x,
            y,
            line,
            size=_SIZE_PT,
            weight="bold" if position == 0 else "normal",
            ha="left" if listing else "center",
            va="center",
        )


def _connect(axes: Axes, trunk: list[_Box], sides: list[_Box], leaves: list[_Box]) -> None:
    arrow = {"arrowstyle": "-|>,head_length=0.25,head_width=0.13", "linewidth": 0.7}
    arrow |= {"color": style.BLACK, "shrinkA": 0, "shrinkB": 0}
    x = trunk[0].left + trunk[0].width / 2
    for above, below in pairwise(trunk):
        axes.annotate("", (x, below.top), (x, above.bottom), arrowprops=arrow)
    for side in sides:
        y = (side.top + side.bottom) / 2
        axes.annotate("", (side.left, y), (x, y), arrowprops=arrow)
    fork = trunk[-1].bottom - _GAP_MM / 2
    centres = [leaf.left + leaf.width / 2 for leaf in leaves]
    if leaves:
        axes.plot([x, x], [trunk[-1].bottom, fork], color=style.BLACK, linewidth=0.7)
        axes.plot(
            [min([*centres, x]), max([*centres, x])], [fork, fork], color=style.BLACK, linewidth=0.7
        )
    for centre, leaf in zip(centres, leaves, strict=True):
        axes.annotate("", (centre, leaf.top), (centre, fork), arrowprops=arrow)
