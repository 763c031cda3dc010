"""Answers about patients and images: who, what was measured, what was left out."""

from taceflow.report import methods
from taceflow.report.checklist.finished_run import Answer, Run, of_images, sizes
from taceflow.report.methods import gaps
from taceflow.survival.kaplan_meier import median_survival
from taceflow.survival.tables.table_1 import OTHERS
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.names import model_name
from taceflow.wording.printed_table import with_values
from taceflow.wording.printing import median_with_interval, percent, typographic

_READY = "This run starts from a ready table of features: nothing is known of the images"
_of_images = of_images(Answer(_READY, author="all of it"))


def data_source(run: Run) -> Answer:
    """Where the patients come from, as far as the configuration says."""
    if run.is_synthetic:
        return Answer("Simulated patients, made by the workflow: no study.", "synthetic/")
    public = run.config["public_cohort"]["collection"]
    name = f"public cohort {public}" if public else "the user's own sheet"
    cited = "; ".join(run.config["citations"])
    return Answer(
        f"{counted(run.total, 'patient')} of {name}" + (f". {cited}" if cited else ""),
        "cohort/patients.tsv",
        "kind of data, reason for using them, how representative they are",
    )


def follow_up(run: Run) -> Answer:
    """Median follow-up of each cohort."""
    parts = []
    for name, rows in run.cohorts().items():
        time, event = rows["time_months"].to_numpy(float), rows["event"].to_numpy(int)
        found = median_survival(time, 1 - event).iloc[0]
        median = median_with_interval(
            found["median_months"], found["lower_months"], found["upper_months"]
        )
        parts.append(f"{name} {median} months")
    text = f"Median follow-up (95% CI), reverse Kaplan-Meier: {', '.join(parts)}"
    return Answer(text, "cohort/patients.tsv", "dates of accrual and of the end of follow-up")


def exclusions(run: Run) -> Answer:
    """Who was excluded by the workflow, and at which stage; who before it, if that is told."""
    rows = run.tables["exclusions"]
    counts = rows["stage"].value_counts(sort=False)
    why = ", ".join(f"{stage} {count}" for stage, count in counts.items())
    text = f"{len(rows)} of {counted(run.total, 'patient')} could not be used"
    text += f": {why}" if why else ""
    criteria, where = "the criteria by which patients came to the sheet", "cohort/exclusions.tsv"
    if run.screening:
        before = ", ".join(f"{reason} {n}" for reason, n in run.screening)
        screened = counted(_screened(run), "patient")
        text = f"{screened} screened, and left out before the study: {before}. {text}"
        criteria, where = "the criteria in full", f"figures/figure_s1, {where}"
    return Answer(text, where, criteria)


def _screened(run: Run) -> int:
    return run.total + sum(n for _, n in run.screening)


def flow(run: Run) -> Answer:
    """Flow of patients, with deaths and follow-up."""
    cohorts = "; ".join(f"{name} {sizes(rows)}" for name, rows in run.cohorts().items())
    used = len(run.tables["patients"])
    text = f"{run.total} in the sheet, {used} analysed: {cohorts}. {follow_up(run).text}"
    if run.screening:
        text = f"{_screened(run)} screened, {text}"
    return Answer(text, "figures/figure_s1, cohort/exclusions.tsv")


def baseline(run: Run) -> Answer:
    """Characteristics of the cohorts side by side."""
    first = with_values(run.tables["table_1"]).drop_duplicates("variable")
    others = [name for name in run.cohorts() if name in OTHERS]
    text = counted(len(first), "variable")
    text += f", training beside {' and '.join(others) or 'no other cohort'}"
    for name in others:
        different = first.loc[first[f"p{OTHERS[name]}"] < 0.05, "label"].tolist()
        text += f"; {name}: {typographic(', '.join(different)) or 'none'} with p < 0.05"
    return Answer(text, "tables/table_1", "differences in setting")


def missing(run: Run) -> Answer:
    """Missing values, and what was done about them."""
    table = with_values(run.tables["table_1"]).drop_duplicates("variable")
    counts = table.filter(like="missing_").sum(axis=1)
    listed = ", ".join(
        f"{label} {int(count)}"
        for label, count in zip(table["label"], counts, strict=True)
        if count
    )
    text = f"Values missing: {typographic(listed) or 'none'}. {gaps(run.config['survival'])}"
    return Answer(text, "tables/table_1, survival/models.json", "why values are missing")


def outcome(run: Run) -> Answer:
    """Outcome and horizons."""
    months = methods.horizons(run.config["survival"])
    return Answer(
        f"Overall survival in months (event: death); survival at {months} months",
        "cohort/patients.tsv",
        "from which day time counts, how deaths were found, why this outcome",
    )


def split(run: Run) -> Answer:
    """How patients were divided."""
    cohorts = "; ".join(f"{name} {sizes(rows)}" for name, rows in run.cohorts().items())
    return Answer(
        f"{methods.split(run.config, run.has_images)} Stored: {cohorts}",
        "cohort/patients.tsv, radscore/folds.tsv, dlopctr/splits.tsv",
    )


def analyses(run: Run) -> Answer:
    """Patients and deaths of each model."""
    models = run.described["models"].items()
    fitted = "; ".join(f"{model_name(name)} {row['n']} ({row['events']})" for name, row in models)
    return Answer(f"Training patients (deaths): {fitted}", "survival/models.json")


def sample_size(run: Run) -> Answer:
    """Deaths per candidate of what was selected from many."""
    training = run.cohorts()["training"]
    deaths = int(training["event"].sum())
    clinical = run.described["clinical_variables"]["candidates"]
    features = run.described["radscore"]["candidates"]
    ratios = ", ".join(
        f"{deaths / count:.2g} a candidate of {counted(count, what)}"
        for count, what in ((clinical, "clinical variable"), (features, "radiomic feature"))
        if count
    )
    text = (
        f"{counted(deaths, 'death')} among {counted(len(training), 'training patient')}: {ratios}"
    )
    return Answer(
        text,
        "survival/clinical_variables.json, radscore/model.json",
        "how the size was arrived at, and why it suffices",
    )


@_of_images
def acquisition(run: Run) -> Answer:
    """Acquisition as the headers state it."""
    table = run.tables["acquisition"]
    differs = int(table["deviations"].notna().sum()) if "deviations" in table else 0
    return Answer(
        f"{counted(len(table), 'scan')}, tube voltage and current, slices and field of view from "
        f"the headers; {percent(differs, len(table))} {agreeing(differs, 'differs', 'differ')} "
        "from the study's protocol (E1)",
        "cohort/acquisition.tsv",
        "contrast agent and injection",
    )


@_of_images
def phase(run: Run) -> Answer:
    """Which phase was used."""
    name = run.config["imaging"]["phase"]
    return Answer(f"One phase, {name}", "", "why other phases were left out")


@_of_images
def preparation(run: Run) -> Answer:
    """What was done to images and sheets before anything was measured."""
    window = " to ".join(f"{value:g}" for value in run.config["patch"]["window_hu"])
    return Answer(
        f"CT in HU, resampled; the network sees a box around the tumour, HU from {window} scaled "
        "to [0, 1]; every mask shown over its CT and measured; sheets checked against a schema",
        "qc/, cohort/quality.tsv",
    )


@_of_images
def resampling(run: Run) -> Answer:
    """Grid and interpolation."""
    imaging = run.config["imaging"]
    text = f"To {methods.spacing(imaging)} mm on a grid centred on the old one; CT linear and "
    return Answer(f"{text}rounded to whole HU, masks {methods.masks(imaging)}", "resampled/")


def readings(run: Run) -> Answer:
    """Who outlined what, as far as the tables say."""
    icc = run.tables["icc"]
    if not len(icc) or not icc[["n_intra", "n_inter"]].to_numpy().any():
        return Answer("No repeated readings", "radiomics/icc.tsv", "who outlined the tumours, how")
    twice, other = icc["n_intra"].max(), icc["n_inter"].max()
    return Answer(
        f"Reader 1 outlined every tumour; of the training patients {twice} "
        f"{agreeing(twice, 'was', 'were')} read twice by reader 1 and {other} also by reader 2",
        "radiomics/icc.tsv, qc/",
        "software, experience and blinding of the readers",
    )


@_of_images
def test_masks(run: Run) -> Answer:
    """Whose masks the test patients have."""
    return Answer("One reader's first outline (reader 1) in every cohort", "radiomics/")


def bad_input(run: Run) -> Answer:
    """What happens to input that cannot be used."""
    what = "is excluded with the reason"
    if run.config["on_bad_input"] == "fail":
        what = "stops the run"
    kinds = "images, masks or follow-up" if run.has_images else "features or follow-up"
    return Answer(
        f"A patient whose {kinds} cannot be used {what}",
        "cohort/exclusions.tsv",
        "what a user of the model should do with such input",
    )
