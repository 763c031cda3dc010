"""Patients, images and features of a run as small tables for its report."""

import pandas as pd

from taceflow.imaging.quality.flags import FLAGS
from taceflow.survival.kaplan_meier import median_survival
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.messages import listed
from taceflow.wording.names import COHORTS, cohort_name, in_order
from taceflow.wording.printed_table import Line, PrintedTable
from taceflow.wording.printing import (
    median_with_interval,
    number,
    percent,
    typographic,
    without_paths,
)


def cohort_table(patients: pd.DataFrame) -> PrintedTable:
    """Return patients, deaths and follow-up (reverse Kaplan-Meier) of each cohort."""
    lines = []
    for cohort in in_order(patients["cohort"], COHORTS):
        rows = patients[patients["cohort"] == cohort]
        deaths = percent(int(rows["event"].sum()), len(rows))
        lines.append(Line((cohort_name(cohort), str(len(rows)), deaths, *medians_months(rows))))
    heads = ("Cohort", "Patients", "Deaths", "Follow-up, months*", "Survival, months")
    note = "Medians (95% CI). *Reverse Kaplan-Meier. NR: not reached."
    return PrintedTable("Patients analysed", heads, tuple(lines), (note,))


def medians_months(patients: pd.DataFrame) -> tuple[str, str]:
    """Return median follow-up (reverse Kaplan-Meier) and median survival, each with its interval.

    Parameters
    ----------
    patients : pandas.DataFrame
        ``time_months``, ``event``.
    """
    time, event = patients["time_months"].to_numpy(float), patients["event"].to_numpy(int)
    followed, survival = (
        median_with_interval(row["median_months"], row["lower_months"], row["upper_months"])
        for row in (median_survival(time, marks).iloc[0] for marks in (1 - event, event))
    )
    return followed, survival


def exclusions_table(exclusions: pd.DataFrame) -> PrintedTable:
    """Return who was excluded, at which stage and why."""
    lines = tuple(
        Line((row.patient_id, row.stage, without_paths(str(row.reason))))
        for row in exclusions.itertuples()
    )
    notes = () if lines else ("none.",)
    return PrintedTable("Patients excluded", ("Patient", "Stage", "Reason"), lines, notes)


def review_text(reviewed: pd.DataFrame) -> str:
    """Say what a reader made of the masks, and which verdicts are of images that have changed.

    Parameters
    ----------
    reviewed : pandas.DataFrame
        ``cohort/reviewed.tsv``.
    """
    said = reviewed[reviewed["verdict"].notna()]
    if said.empty:
        return "No reader's verdict on the masks was given (qc/index.html saves them)."
    counts = ", ".join(f"{n} {verdict}" for verdict, n in said["verdict"].value_counts().items())
    whom = f"{len(said)} of {counted(len(reviewed), 'patient')}"
    text = f"A reader judged the masks of {whom}: {counts}."
    changed = said[said["changed"].notna()]
    names = [f"{row.patient_id} ({row.changed})" for row in changed.itertuples()]
    if names:
        text += f" Of images that have changed since are the verdicts on {listed(names, 10)}."
    return text


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
        notes = (f"none of {counted(len(quality), 'patient')} has a flag. Looked for: {meanings}.",)
    return PrintedTable("Patients to look at again, worst first", heads, lines, notes)


def reproducibility_table(icc: pd.DataFrame) -> PrintedTable:
    """Return how many features of each filter were reproducible, and their median ICC."""
    image = icc["feature"].str.split("_").str[0].str.split("-").str[0]
    lines = []
    for name, rows in [*icc.groupby(image, sort=True), ("all", icc)]:
        medians = (_median(rows[f"icc_{kind}"]) for kind in ("intra", "inter"))
        kept = percent(int(rows["kept"].sum()), len(rows))
        lines.append(Line((str(name), str(len(rows)), *medians, kept)))
    heads = ("Image", "Features", "ICC within reader", "ICC between readers", "Kept")
    notes = []
    if len(icc) and not icc[["n_intra", "n_inter"]].to_numpy().any():
        notes.append("No reading was repeated.")
    elif len(icc):
        twice = icc["n_intra"].max()
        notes.append(
            f"ICC(2,1), medians. {counted(twice, 'training patient')} "
            f"{agreeing(twice, 'was', 'were')} read twice by reader 1, {icc['n_inter'].max()} also "
            "by reader 2."
        )
        if icc.get("n_perturbation", pd.Series([0])).max() > 0:
            notes.append(
                "Beyond the study: ICC(1,1) under perturbed masks of "
                f"{counted(int(icc['n_perturbation'].max()), 'training patient')}, median "
                f"{_median(icc['icc_perturbation'])}."
            )
        # "ICC intra 0.620 not above 0.8": the value stands in the table, the kind counts here
        reasons = icc.loc[icc["kept"] == 0, "reason"].str.replace(
            r" -?[\d.]+ (?=not above)", " ", regex=True
        )
        left = ", ".join(f"{n} ({reason})" for reason, n in reasons.value_counts().items())
        notes += [f"Not kept: {left}."] if left else []
    return PrintedTable("Reproducibility of features", heads, tuple(lines), tuple(notes))


def _median(values: pd.Series) -> str:
    return number(float(values.median()) if values.notna().any() else None) or "not read"
