"""What the results themselves say against believing them, in plain words."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.errors import CohortTooSmallError
from taceflow.models import NETWORKS
from taceflow.radiomics.icc import MINIMUM_REPEATS
from taceflow.report.warnings import Banner
from taceflow.survival.evaluation.outcomes import by_model_and_cohort
from taceflow.survival.kaplan_meier import excess_deaths, logrank
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.names import METRICS, model_name
from taceflow.wording.printing import CHANCE, number, p_statement, with_interval, worse_than_chance

OFTEN = 0.5
"""Share of resamples in which the most frequent feature should be selected (Meinshausen &
Buehlmann, J R Stat Soc B 2010;72:417, ask for 0.6 to 0.9)."""

DIFFERENT = 0.05
"""The p below which survival is said to differ between batches."""

FAR_OUT = 8.0
"""Interquartile ranges beyond the nearer quartile."""

OUT = 5.0
"""The same, of a score whose distance from the others is more than these are apart."""

READ_TWICE = 30
"""Patients whom a study of agreement needs at least (Koo & Li, J Chiropr Med 2016;15:155)."""

MOST_FAR_OUT = 0.05
"""Share of the patients: more of them are a tail of the cohort, not patients of their own."""


def doubts(frames: Mapping[str, pd.DataFrame], radscore: Mapping[str, Any]) -> Iterator[Banner]:
    """Yield the warnings that the results deserve.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``patients``, ``performance`` and ``predictions``; ``scores`` (``radscore/scores.tsv``),
        without which no patient is named; ``icc`` (``radiomics/icc.tsv``) if readings may be there;
        ``frequency`` (``radscore/selection_frequency.tsv``) if a LASSO was fitted; ``batches``
        (``radscore/batches.tsv``) if features are harmonised.
    radscore : mapping
        ``radscore/model.json``.

    Yields
    ------
    Banner
        With the section of the report in which its figures stand.
    """
    yield from of_outcome(frames)
    if "scores" in frames:
        yield from _far_out(frames["scores"])
    if "icc" in frames:
        yield from _few_read_twice(frames["icc"])
    if "batches" in frames:
        yield from _harmonised(frames["patients"], frames["batches"])
    if "frequency" in frames:
        yield from _many_candidates(radscore)
        yield from _unstable(frames["frequency"])


def of_outcome(frames: Mapping[str, pd.DataFrame]) -> Iterator[Banner]:
    """Yield the warnings that the patients' survival alone gives.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``patients``, ``performance`` and ``predictions``.
    """
    yield from _worse_than_chance(frames["performance"])
    yield from _reversed_groups(frames["patients"], frames["predictions"])


def _worse_than_chance(performance: pd.DataFrame) -> Iterator[Banner]:
    parts = []
    for row in performance.to_dict("records"):
        if worse_than_chance(row["metric"], row["upper"]):
            metric = METRICS[row["metric"]]
            if row["horizon_months"] == row["horizon_months"]:
                metric += f" at {row['horizon_months']:g} months"
            value = with_interval(row["estimate"], row["lower"], row["upper"])
            parts.append(f"{model_name(row['model'])}, {row['cohort']} cohort: {metric} {value}")
    if parts:
        yield Banner(
            "Worse than chance",
            "Patients with the higher risk lived longer, and the whole interval lies below "
            f"{CHANCE:g}, which is what drawing lots would give. {'; '.join(parts)}. Such a score "
            "must not be used on patients like these.",
            section="models",
        )


def _reversed_groups(patients: pd.DataFrame, predictions: pd.DataFrame) -> Iterator[Banner]:
    follow_up = ["time_months", "event"]
    outcome = join_by_patient(predictions, patients, follow_up, file="cohort/patients.tsv")
    parts = []
    for model, cohort, rows in by_model_and_cohort(outcome):
        # fitted to the training patients, the others cannot but order them
        if cohort == "training" and model not in NETWORKS:
            continue
        time, event = rows["time_months"].to_numpy(float), rows["event"].to_numpy(int)
        group = rows["risk_group"].to_numpy(str)
        try:
            test = logrank(time, event, group)
        except CohortTooSmallError:
            continue
        if excess_deaths(time, event, group == "high") < 0:
            said = f"log-rank {p_statement(test.p)}"
            parts.append(f"{model_name(model)}, {cohort} cohort ({said})")
    if parts:
        yield Banner(
            "Risk groups the wrong way round",
            "The patients called high risk lived longer than those called low risk: "
            f"{'; '.join(parts)}. A small p here does not speak for the model but against it; a "
            "large one says that the groups tell nothing.",
            section="models",
        )


def _few_read_twice(icc: pd.DataFrame) -> Iterator[Banner]:
    parts = []
    for column, words in (("n_intra", "within reader 1"), ("n_inter", "between readers")):
        most = int(icc[column].max()) if len(icc) else 0
        if MINIMUM_REPEATS <= most < READ_TWICE:
            parts.append(f"{words} on {counted(most, 'patient')}")
    if parts:
        yield Banner(
            "Few patients read twice",
            f"The intraclass correlation {', and '.join(parts)}: with fewer than {READ_TWICE} it "
            "may lie far from what other patients would give, and with it which features are "
            "kept.",
            section="reproducibility",
        )


def _harmonised(patients: pd.DataFrame, batches: pd.DataFrame) -> Iterator[Banner]:
    left = int(batches["harmonised"].eq(0).sum())
    if left:
        yield Banner(
            "Features not harmonised",
            f"The scanner or centre of {left} of {counted(len(batches), 'patient')} is that of no "
            "training patient, or not known: their features, and so their Radscores, are as they "
            "were measured. radscore/batches.tsv names them.",
            section="radscore",
        )
    follow_up = ["time_months", "event"]
    training = batches[batches["cohort"].eq("training")]
    known = join_by_patient(training, patients, follow_up, file="cohort/patients.tsv")
    time, event = known["time_months"].to_numpy(float), known["event"].to_numpy(int)
    try:
        test = logrank(time, event, known["batch"].to_numpy(str))
    except CohortTooSmallError:
        return
    if test.p < DIFFERENT:
        yield Banner(
            "Scanner or centre goes with survival",
            "Survival of the training patients differs between the scanners or centres by which "
            f"features are harmonised (log-rank {p_statement(test.p)}). What differs between "
            "these is taken out of the features, and with it what tells who lives longer.",
            section="radscore",
        )


def _many_candidates(radscore: Mapping[str, Any]) -> Iterator[Banner]:
    candidates, deaths = radscore["candidates"], radscore["events"]
    if candidates > deaths:
        yield Banner(
            "Many candidates for few deaths",
            f"The Radscore was chosen from {candidates:,} features by {deaths:,} "
            f"{agreeing(deaths, 'death')} among {radscore['n']:,} "
            f"{agreeing(radscore['n'], 'training patient')}. With more candidates than deaths "
            "some features fit these patients by chance, and a fit in them proves nothing.",
            section="radscore",
        )


def _unstable(frequency: pd.DataFrame) -> Iterator[Banner]:
    if frequency.empty or not frequency["resamples"].iloc[0]:
        return
    best = frequency["frequency"].max()
    if best < OFTEN:
        resamples = int(frequency["resamples"].iloc[0])
        yield Banner(
            "No feature is selected reliably",
            f"In {counted(resamples, 'bootstrap resample')} of the training patients even the "
            f"feature that is selected most often is selected in {100 * best:.0f}% only: other "
            "patients of the same kind would have given another Radscore.",
            section="radscore",
        )


def _far_out(scores: pd.DataFrame) -> Iterator[Banner]:
    values = scores["radscore"]
    lower, upper = values.quantile([0.25, 0.75])
    beyond = np.maximum(lower - values, values - upper)
    inside = values[beyond <= OUT * (upper - lower)]
    apart = np.maximum(inside.min() - values, values - inside.max())
    far = beyond > FAR_OUT * (upper - lower)
    far |= (beyond > OUT * (upper - lower)) & (apart > np.ptp(inside))
    if not far.any() or far.sum() > max(1, MOST_FAR_OUT * len(values)):
        return
    named = [f"{row.patient_id} ({number(row.radscore)})" for row in scores[far].itertuples()]
    rest = values[~far]
    yield Banner(
        "Radscores far outside the others",
        f"{', '.join(named)}; all others lie between {number(rest.min())} and "
        f"{number(rest.max())}. Look at mask and image of "
        f"{'this patient' if len(named) == 1 else 'these patients'}: a mask that takes in bone, "
        "air or metal makes such values.",
        section="radscore",
    )
