"""Answers about the models: how they were built, what they say, how good they are."""

from collections.abc import Mapping
from typing import Any

from taceflow.cohort.training import HELD_OUT
from taceflow.report.checklist.finished_run import Answer, Run
from taceflow.report.methods import cut_off, horizons
from taceflow.report.methods_of_network import convolutions, head, spread_of_seeds
from taceflow.survival.minimum_counts import FEWEST
from taceflow.version import VERSION
from taceflow.wording.counts import counted
from taceflow.wording.names import METRICS, model_name
from taceflow.wording.printing import as_text, typographic, with_interval, worse_than_chance


def candidates(run: Run) -> Answer:
    """Which predictors were considered, and how they were screened."""
    chosen = run.described["clinical_variables"]
    kept = typographic(", ".join(one["label"] for one in chosen["variables"])) or "none"
    beside = "radiomic features and network" if run.has_images else "radiomic features"
    return Answer(
        f"{counted(chosen['candidates'], 'clinical variable of the configuration')}, kept by "
        f"{chosen['selection']} in training patients: {kept}; {beside} beside them",
        "survival/clinical_variables.json, tables/table_s1",
        "why these were candidates",
    )


def predictors(run: Run) -> Answer:
    """Which variables are predictors."""
    known = run.tables["patients"].dropna(axis=1, how="all").columns
    labels = [
        one["label"]
        for one in run.config["survival"]["variables"]
        if (run.has_images if one["column"] == "dlopctr" else one["column"] in known)
    ]
    return Answer(
        typographic(", ".join(labels)) or "None but radiomic features",
        "cohort/patients.tsv",
        "how and when each was measured",
    )


def building(run: Run) -> Answer:
    """The models and how they were built."""
    parts = ["clinical and Radscore: Cox models (Efron)"]
    if run.has_images:
        section = run.config["dlopctr"]
        made = convolutions(run.described["backbone"])
        parts += [
            f"DLOP-CTR: {made}, {head(section)}",
            "DLOP-Cox: Cox model of DLOP-CTR and clinical variables",
            "DLOP-Combin: the head over embedding and clinical variables",
        ]
    text = "; ".join(parts)
    return Answer(
        f"{text}. {tuning(run).text}",
        "survival/models.json, dlopctr/model.json",
        "why these models",
    )


_ANSWERS = {"True": "yes", "False": "no"}


def tuning(run: Run) -> Answer:
    """Hyper-parameters and how they were found."""
    parts = []
    model = run.described["radscore"]
    if model["lambda"] is not None:
        parts.append(f"LASSO: lambda {model['lambda']:.4g} ({model['choose']})")
    if run.has_images:
        settings = run.described["network"]["settings"]
        words = ", ".join(
            f"{key.replace('_', ' ')} {_ANSWERS.get(str(value), value)}"
            for key, value in settings.items()
        )
        parts.append(f"network: {words}")
    text = "; ".join(parts) or "Nothing was tuned"
    return Answer(text, "radscore/cv.tsv, dlopctr/model.json, dlopctr/pre_experiment.tsv")


def no_updating(run: Run) -> Answer:
    """Nothing is refitted on other cohorts."""
    return Answer("None: models and cut-offs are applied unchanged", "survival/models.json")


def no_balancing(run: Run) -> Answer:
    """No resampling of outcomes."""
    return Answer("None: survival models, patients neither resampled nor weighted by outcome")


def prediction(run: Run) -> Answer:
    """How a prediction is computed."""
    text = "From the stored coefficients and baseline hazard"
    if run.has_images:
        text += ", or the stored network; training patients by the networks out of fold"
    return Answer(text, "survival/models.json, survival/predictions.tsv")


def output(run: Run) -> Answer:
    """What the models give, and the threshold of the risk groups."""
    survival = run.config["survival"]
    cuts = "; ".join(
        f"{model_name(name)} {typographic(format(row['cut_off'], '.3g'))}"
        for name, row in run.described["models"].items()
    )
    text = f"A risk and survival at {horizons(survival)} months. {cut_off(survival)} Cut-offs: "
    return Answer(text + cuts, "survival/predictions.tsv, survival/models.json")


def specification(run: Run) -> Answer:
    """The full models with baseline survival."""
    of_networks = "weights, breaks and normalisation of the networks; " if run.has_images else ""
    return Answer(
        "Coefficients, centres, baseline hazard and cut-offs of the Cox models; "
        f"{of_networks}the Radscore's formula",
        "survival/models.json, radscore/model.json, dlopctr/, report.html",
        "whether and where they are shared",
    )


def measures(run: Run) -> Answer:
    """Figures of merit."""
    found = run.tables["performance"]["metric"].unique()
    names = ", ".join(METRICS.get(name, name) for name in found)
    return Answer(
        f"{names}; curves of ROC, calibration and decision; Kaplan-Meier by risk group",
        "survival/performance.tsv, figures/",
    )


def uncertainty(run: Run) -> Answer:
    """Intervals."""
    number = run.config["survival"]["bootstraps"]
    return Answer(
        f"95% intervals: C by infinitesimal jackknife, AUC and Brier score by "
        f"{counted(number, 'bootstrap resample')}, hazard ratios and calibration slopes after "
        f"Wald; none below {FEWEST} deaths, survivors or patients of a group",
        "survival/performance.tsv",
    )


def comparisons(run: Run) -> Answer:
    """Tests between models."""
    return Answer("Paired tests of Harrell's C, p adjusted after Holm", "survival/comparisons.tsv")


def performance(run: Run) -> Answer:
    """Concordance of each model in the cohorts that no choice touched."""
    table = run.tables["performance"]
    table = table[(table["metric"] == "c_index") & table["cohort"].isin(HELD_OUT)]
    if table.empty:
        return Answer("No cohort but the training patients", "survival/performance.tsv")
    parts = []
    for cohort, rows in table.groupby("cohort", sort=False):
        values = ", ".join(
            f"{model_name(row['model'])} "
            f"{with_interval(row['estimate'], row['lower'], row['upper']) or 'not defined'}"
            f"{_remark(row)}"
            for row in rows.to_dict("records")
        )
        parts.append(f"Harrell's C, {cohort}: {values}")
    return Answer("; ".join(parts), "survival/performance.tsv", "subgroups")


def _remark(row: Mapping[str, Any]) -> str:
    said = worse_than_chance(row["metric"], row["upper"]) or as_text(row["note"])
    return f" ({said})" if said else ""


def calibration(run: Run) -> Answer:
    """Calibration."""
    return Answer(
        "Slope, and curves of grouped Kaplan-Meier against predicted survival",
        "survival/calibration.tsv, figures/calibration_<model>",
    )


def rivals(run: Run) -> Answer:
    """Radiomic, clinical and combined models beside one another."""
    names = ", ".join(model_name(name) for name in run.described["models"])
    text = f"{names}; paired tests take the patients of both models"
    return Answer(text, "survival/performance.tsv, survival/comparisons.tsv")


def testing(run: Run) -> Answer:
    """Which patients no choice touched."""
    others = [name for name in HELD_OUT if name in run.cohorts()]
    if "external" in others:
        return Answer(
            f"Patients apart from training: {', '.join(others)}", "survival/performance.tsv"
        )
    held = "a validation cohort of the same sheet" if others else "none"
    return Answer(f"Held out: {held}; no external cohort", "survival/performance.tsv")


def interpretability(run: Run) -> Answer:
    """What may be looked at."""
    text = "Coefficients of the Radscore and heat maps of its features"
    if run.has_images:
        text += "; pictures of what the network looks at"
    return Answer(text, "tables/table_s2, figures/")


def network_spread(run: Run) -> Answer:
    """How far the network depends on its random seed."""
    if not run.has_images:
        return Answer("No network in this run")
    heads = int(run.described["network"]["settings"]["seeds"])
    spread = "; the spread stands beside each figure" if heads > 1 else ""
    return Answer(
        spread_of_seeds(heads) + spread, "dlopctr/predictions_by_seed.tsv, survival/performance.tsv"
    )


def pipeline(run: Run) -> Answer:
    """The technical pipeline."""
    return Answer("The workflow's own graph of rules: snakemake --rulegraph")


def code(run: Run) -> Answer:
    """Where it stands which code made the run."""
    return Answer(
        f"taceflow {VERSION}; digests of code and configuration, and all versions, kept",
        "provenance.json",
        "where the code can be had",
    )


def adherence(run: Run) -> Answer:
    """This list itself."""
    return Answer("TRIPOD+AI, CLEAR and METRICS, as far as the workflow knows", "tables/checklist")
