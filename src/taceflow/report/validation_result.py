"""What came out of an external validation, and what speaks against believing it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from taceflow.application.ranges import OUTSIDE
from taceflow.report import doubts, result, warnings
from taceflow.report.warnings import Banner
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.names import in_order, model_name
from taceflow.wording.printed_table import PrintedTable

COHORTS = {
    "training": "Training, of the bundle",
    "validation": "Validation, of the bundle",
    "external_of_bundle": "External, of the bundle",
    "external": "External: these patients",
}
"""Cohorts of the bundle and of this run, in the order of columns."""


def beside_the_bundles(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the figures of merit of these patients behind those that the bundle tells.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``told`` (``performance.tsv`` of the bundle), ``performance``.
    """
    told = frames["told"].replace({"cohort": {"external": "external_of_bundle"}})
    return pd.concat([told, frames["performance"]], ignore_index=True)


def headline(frames: Mapping[str, pd.DataFrame], about: Mapping[str, Any]) -> str:
    """Return how the final model of a bundle does in these patients, in a few sentences.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``performance``, ``recalibration``, and ``told`` of the bundle.
    about : mapping
        ``manifest.json`` of the bundle.
    """
    rows = result.of_discrimination(frames["performance"])
    final = result.final_model(rows)
    if final is None:
        return "No model could be judged."
    own = rows[rows["model"] == final]
    name = about["title"] or about["name"]
    text = (
        f"Harrell's C of {model_name(final)}, the final model of the bundle {name}, is "
        f"{result.value_of(own, final, 'external')} in the "
        f"{result.cohort_words(own, 'external')}."
    )
    told = result.of_discrimination(frames["told"])
    told = told[told["model"] == final]
    unseen = [cohort for cohort in in_order(told["cohort"], COHORTS) if cohort != "training"]
    before = [
        f"{result.value_of(told, final, cohort)} in its {result.cohort_words(told, cohort)}"
        for cohort in unseen
    ]
    parts = [text, *result.few_deaths(own, ["external"])]
    parts += [f"The bundle tells {' and '.join(before)}."] if before else []
    original = frames["recalibration"]
    original = original[original["version"].eq("original") & original["model"].eq(final)]
    return " ".join([*parts, *_calibration(original)])


def _calibration(original: pd.DataFrame) -> Iterator[str]:
    """Yield whether as many died as the model predicts, by each horizon that has a number."""
    rows = original[original["metric"].eq("o_e") & original["estimate"].notna()]
    if rows.empty:
        return
    told, sides = [], set()
    for row in rows.to_dict("records"):
        value = result.with_ci(row | {"note": None})
        told.append(f"{value} by {row['horizon_months']:g} months")
        if row["lower"] > 1 or row["upper"] < 1:
            sides.add("more" if row["lower"] > 1 else "fewer")
    verdict = "no interval rules out that as many died as it predicts"
    if rows["lower"].isna().all():
        verdict = "without an interval they do not say whether its predictions are right"
    elif sides:
        verdict = f"{' at one time and '.join(sorted(sides))} died than it predicts"
    yield f"Observed deaths over expected ones are {', '.join(told)}; {verdict}."


def result_table(frames: Mapping[str, pd.DataFrame]) -> PrintedTable:
    """Return Harrell's C of the study's models in these patients.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``performance``.
    """
    none = pd.DataFrame(columns=["metric", "model", "corrected"])
    return result.result_table(frames["performance"], none)


def banners(
    frames: Mapping[str, pd.DataFrame],
    about: Mapping[str, Any],
    total: int,
    *,
    is_synthetic: bool,
) -> Iterator[Banner]:
    """Yield the warnings that a validation deserves.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``patients`` (those who are followed), ``performance``, ``predictions``, ``verdicts``,
        ``ranges``, ``models``.
    about : mapping
        ``manifest.json`` of the bundle.
    total : int
        Patients of the sheet.
    is_synthetic : bool
        Whether the workflow made the patients itself.
    """
    if is_synthetic:
        yield warnings.MADE_UP
    if (about.get("convolutions") or {}).get("source") == "random":
        yield warnings.RANDOM_CONVOLUTIONS
    known, verdicts = frames["patients"], frames["verdicts"]
    yield from warnings.few_deaths_in("external", int(known["event"].sum()))
    outside = int(verdicts["verdict"].eq("outside").sum())
    if outside:
        places = frames["ranges"].loc[frames["ranges"]["place"].isin(OUTSIDE), "label"]
        most = places.value_counts()
        named = ", ".join(f"{label} {count}" for label, count in most.head(3).items())
        yield Banner(
            "Other patients than those of the training",
            f"{outside} of {counted(len(verdicts), 'patient')} {agreeing(outside, 'lies', 'lie')} "
            f"outside the training range somewhere (first: {named}). Worse figures may come from "
            "other patients as well as from a worse model. application/index.html has a page for "
            "each patient.",
        )
    if total > len(known):
        without = total - len(known)
        yield Banner(
            "Not all patients",
            f"{without} of {counted(total, 'patient')} in the sheet "
            f"{agreeing(without, 'is', 'are')} not among those that the models are measured on: "
            "excluded, or not followed.",
        )
    yield from doubts.of_outcome(frames)
