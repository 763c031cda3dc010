"""Images and masks in the report: who asks for a second look, worst first."""

import pandas as pd

from taceflow.imaging.quality.flags import FLAGS
from taceflow.report.documents import Line, PrintedTable
from taceflow.wording.printing import number, typographic


def flagged_table(quality: pd.DataFrame) -> PrintedTable:
    """Return the flagged patients with the numbers behind each flag.

    Parameters
    ----------
    quality : pandas.DataFrame
        ``cohort/quality.tsv``, worst first.

    Returns
    -------
    PrintedTable
        With the meaning of each flag that occurs.
    """
    flagged = quality[quality["flags"].notna()]
    lines = tuple(
        Line(
            (
                row["patient_id"],
                row["flags"],
                row["findings"],
                number(row["volume_ml"], 1),
                number(row["longest_axis_mm"], 0),
                f"{number(row['median_hu'], 0)} ({number(row['lower_hu'], 0)} to "
                f"{number(row['upper_hu'], 0)})",
                number(row["lowest_dice"]),
            )
        )
        for row in flagged.to_dict("records")
    )
    heads = ("Patient", "Flags", "Findings", "Volume, mL", "Longest axis, mm")
    heads += ("HU, median (5\N{EN DASH}95%)", "Lowest Dice")
    raised = {name for flags in flagged["flags"] for name in flags.split("; ")}
    notes = tuple(
        f"{name}: {typographic(flag.meaning)}." for name, flag in FLAGS.items() if name in raised
    )
    if not lines:
        meanings = "; ".join(typographic(flag.meaning) for flag in FLAGS.values())
        notes = (f"none of {len(quality)} patients has a flag. Looked for: {meanings}.",)
    return PrintedTable("Patients to look at again, worst first", heads, lines, notes)
