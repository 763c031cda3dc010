"""One page that says what a study is, what can be fitted, and what is wrong: `taceflow check`.

What is wrong is what the Snakefile refuses: both call `plan_study`.
"""

import os
import shutil
import textwrap
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from taceflow.application.needs import terms_of
from taceflow.bundle.opened import OpenedModel
from taceflow.cohort.build import assign_cohorts
from taceflow.cohort.choices import is_marked
from taceflow.cohort.dates import FIRST, LAST
from taceflow.cohort.derived_scores import add_derived_scores
from taceflow.cohort.sheets import NOTES, CohortTables, read_cohort_tables
from taceflow.errors import ConfigurationError, InputError, SeveralErrors, TaceflowError
from taceflow.files.schemas import load_schema
from taceflow.files.sheets.read import WORKBOOKS, read_sheet
from taceflow.files.sheets.workbook import filled_sheets
from taceflow.files.yaml_files import load_yaml
from taceflow.program.estimates import expected_cost, usual_slices
from taceflow.study.left_out import left_out
from taceflow.study.plan import StudyPlan, plan_study
from taceflow.survival.minimum_counts import FEWEST, at_horizon, of_survival, shortfall
from taceflow.wording.counts import agreeing, counted
from taceflow.wording.messages import MOST_NAMED, listed, nearest
from taceflow.wording.names import model_name
from taceflow.wording.path_hints import absence_hint, nearest_file

_WIDTH = 100
_LABEL = 12
_FIXED = ("patient_id", "cohort", "time_months", "event")
_DEATHS_A_VARIABLE = 10
"""Peduzzi et al., J Clin Epidemiol 1995;48:1503."""


def check_study(configuration: str) -> tuple[str, bool]:
    """Check a study as the workflow will.

    Parameters
    ----------
    configuration : str
        Path of its YAML file.

    Returns
    -------
    page : str
        Lines to print.
    is_right : bool
        Whether nothing is wrong.
    """
    config: dict[str, Any] = {}
    try:
        config |= _read(configuration)
        study = plan_study(config, [configuration])
    except TaceflowError as error:
        lines = [_line("Study", f"{configuration} cannot be run yet"), *_columns_of(config)]
        return "\n".join([*lines, *_errors(error)]), False
    lines = [_line(label, text) for label, text in _facts(config, study) if text]
    told = "none in the tables, but snakemake will stop at what cannot be fitted"
    lines.append(_line("Errors", told if study.too_small_for else "none"))
    target = " quality_control" if study.has_images else ""
    run = f"snakemake --cores {os.cpu_count()}{target} --configfile {configuration}"
    return "\n".join([*lines, _line("Next", run)]), not study.too_small_for


def _read(configuration: str) -> dict[str, Any]:
    if Path(configuration).is_dir():
        raise ConfigurationError(f"'{configuration}' is a folder: name the configuration in it")
    if not Path(configuration).is_file():
        raise ConfigurationError(
            f"'{configuration}' does not exist{nearest_file(configuration) or '.'} "
            f"{absence_hint(configuration)}"
        )
    content = load_yaml(configuration)
    if not isinstance(content, dict):
        raise ConfigurationError(f"{configuration}: this is no configuration (key: value)")
    return content


def _facts(config: dict[str, Any], study: StudyPlan) -> Iterator[tuple[str, str]]:
    """Yield what is known of a study that can be planned, as label and text."""
    if study.is_synthetic:
        yield "Study", f"{config['run']}: {counted(len(study.patients), 'simulated patient')}"
        return
    tables = read_cohort_tables(**study.table_paths, is_fitted=study.is_fitted)
    source = study.table_paths["patients"]
    yield "Study", f"{config['run']}: {counted(len(study.patients), 'patient')} in {source}"
    candidates = tables.patients[~tables.patients["patient_id"].isin(study.excluded)]
    followed, died = study.followed
    yield "Takes part", f"{counted(len(candidates), 'patient')}, {followed} followed, {died} died"
    yield from _who_lacks(study.excluded)
    if study.is_fitted:
        candidates = assign_cohorts(
            candidates,
            seed=config["split"]["seed"],
            fraction=config["split"]["validation_fraction"],
        )
        yield "Cohorts", _cohorts(candidates, tables.patients)
    if study.has_images:
        yield "Scans", _scans(tables, config, study)
        yield "Masks", _masks(tables, study)
        yield "To choose", _to_choose(config, study)
        yield "To redraw", _to_redraw(study)
    elif not study.is_synthetic:
        told = f"of {len(study.featured)} of {counted(len(study.patients), 'patient')}"
        yield "Features", f"{told} in {study.ready['path']}"
    derived = add_derived_scores(tables.patients).dropna(axis=1, how="all")
    yield from _columns(_asked(config, study.model), tables.patients, set(derived))
    yield "Units", "all values and medians within the bounds of their columns"
    yield from _fits(config, study, candidates)
    if study.has_images:
        images = [scan["image"] for scan in study.index.scans.values() if scan["image"]]
        slices = usual_slices(images)
        cost = expected_cost(
            len(study.to_import), len(study.index.readings), os.cpu_count() or 1, slices
        )
        free = shutil.disk_usage(".").free / 1e9
        short = "" if free > cost.disk_gb else ": TOO LITTLE"
        yield (
            "Needs",
            f"about {cost.told_time} on {counted(os.cpu_count() or 1, 'core')} without a GPU, and "
            f"{cost.disk_gb:.1f} GB (free here: {free:.0f} GB{short}), at "
            f"{counted(slices, 'slice')} a scan",
        )


def _who_lacks(excluded: Mapping[str, tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    reasons: dict[str, list[str]] = {}
    for patient, (_, reason, _) in excluded.items():
        reasons.setdefault(reason, []).append(patient)
    for reason, who in reasons.items():
        yield "Left out", f"{len(who)}: {reason} ({listed(who, 6)})"


def _cohorts(candidates: pd.DataFrame, sheet: pd.DataFrame) -> str:
    parts = [
        f"{name} {len(part)} ({int(part['event'].sum())} died)"
        for name, part in candidates.groupby("cohort", sort=True)
    ]
    is_drawn = "cohort" not in sheet or sheet["cohort"].isna().any()
    return ", ".join(parts) + ("; empty cells are drawn by split.seed" if is_drawn else "")


def _scans(tables: CohortTables, config: Mapping[str, Any], study: StudyPlan) -> str:
    if study.archive and tables.scans.empty:
        return f"looked for in {study.archive['root']}"
    phase = config["imaging"]["phase"]
    of_phase = tables.scans.loc[tables.scans["phase"] == phase, "patient_id"].nunique()
    return f"{phase} of {of_phase} of {counted(len(study.patients), 'patient')}"


def _masks(tables: CohortTables, study: StudyPlan) -> str:
    if study.archive and tables.segmentations.empty:
        return f"looked for in {study.archive['root']}"
    masks = tables.segmentations
    readings = masks.groupby(["reader", "reading"])["patient_id"].nunique()
    of_each = [
        f"reader {reader}, reading {reading}: {count}"
        for (reader, reading), count in readings.items()
    ]
    return (
        f"of {masks['patient_id'].nunique()} of {counted(len(study.patients), 'patient')} "
        f"({listed(of_each)})"
    )


def _to_choose(config: Mapping[str, Any], study: StudyPlan) -> str:
    """Name the patients of the table of choices of whom no series is taken or marked."""
    path = config["tables"].get("choices")
    if not path:
        path = study.table_paths["patients"]
        if not path.lower().endswith(WORKBOOKS) or "choices" not in filled_sheets(Path(path)):
            return ""
    table = read_sheet(path, "choices")
    taken = is_marked(table)
    if "chosen" in table:
        taken |= table["chosen"].astype(str).str.strip() == "1"
    scans = study.index.scans
    named = {patient for patient in scans if scans[patient]["series_uid"]}
    open_ones = set(table["patient_id"]) - set(table.loc[taken, "patient_id"]) - named
    who = [patient for patient in study.to_import if patient in open_ones]
    told = (
        f"{len(who)}: no series is marked in the sheet choices, without which "
        f"{agreeing(len(who), 'the patient is', 'they are')} left out ({listed(who, 6)})"
    )
    return told if who else ""


def _to_redraw(study: StudyPlan) -> str:
    who = [patient for patient, said in study.review.items() if said.verdict == "redraw"]
    told = f"{len(who)}: left out while the mask is the one that was judged ({listed(who, 6)})"
    return told if who else ""


def _asked(config: Mapping[str, Any], model: OpenedModel | None = None) -> list[str]:
    """Return the columns that models may be made of, or those that the applied ones take."""
    if model is None:
        return [one["column"] for one in config["survival"]["variables"]]
    return list(dict.fromkeys(one.column for terms in terms_of(model).values() for one in terms))


def _columns(
    variables: Collection[str], sheet: pd.DataFrame, derived: set[str]
) -> Iterator[tuple[str, str]]:
    """Yield which columns are used, kept and absent; ``derived`` follow from others."""
    known = load_schema("patients")["properties"]
    filled = [str(name) for name in sheet if sheet[name].notna().any()]
    used = [name for name in filled if name in {*known, *variables, FIRST, LAST}]
    kept = [name for name in filled if name not in {*used, NOTES}]
    absent = [
        f"{name}{_in_brackets(nearest(name, kept))}"
        for name in variables
        if name in known and name not in {*filled, *derived}
    ]
    yield "Used", _named([name for name in used if name not in _FIXED])
    yield "Derived", _named(sorted(derived - set(filled)))
    yield "Only kept", _named(kept)
    yield "Absent", _named(absent)


def _in_brackets(meant: str) -> str:
    return f" ({meant.removeprefix('; ')})" if meant else ""


def _named(names: list[str]) -> str:
    return listed(names, 20)


def _columns_of(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines on columns, where the table of patients can be read at all."""
    given = config.get("tables")
    path = given.get("patients") if isinstance(given, dict) else None
    try:
        if not path:
            return
        sheet = read_sheet(path, called="patients")
        known = _columns(_asked(config), sheet, derived=set())
        for label, text in (("Patients", f"{counted(len(sheet), 'row')} in {path}"), *known):
            if text:
                yield _line(label, text)
    except (TaceflowError, KeyError, TypeError):
        # among the errors, or a key that is; what is known is told as far as it goes
        return


def _fits(
    config: Mapping[str, Any], study: StudyPlan, candidates: pd.DataFrame
) -> Iterator[tuple[str, str]]:
    """Yield what so many deaths allow."""
    if not study.is_fitted:
        told = [f"{model_name(name)}: {reason or 'yes'}" for name, reason in study.unserved.items()]
        yield "Predicted", "; ".join(told)
        if not study.is_validated:
            why = f"below {FEWEST} deaths the models are not measured"
            yield "No report", f"{why}: only application/index.html, the predictions"
        return
    for reason in study.too_small_for.values():
        # who is counted stands above
        yield "Cannot fit", reason.partition(" Counted are")[0]
    died = int(candidates.loc[candidates["cohort"] == "training", "event"].sum())
    most = died // _DEATHS_A_VARIABLE
    if not study.too_small_for:
        network = "the network, " if study.has_images else ""
        yield (
            "Can fit",
            f"the Radscore, {network}Cox models: {counted(died, 'death')} in training "
            f"{agreeing(died, 'carries', 'carry')} {counted(most, 'variable')}, at "
            f"{_DEATHS_A_VARIABLE} deaths each",
        )
    for name, part in candidates.groupby("cohort", sort=True):
        time, event = part["time_months"].to_numpy(float), part["event"].to_numpy(float)
        few = ["of C"] if shortfall(of_survival(time, event)) else []
        for month in config["survival"]["horizons_months"]:
            few += [f"at {month:g} months"] if shortfall(at_horizon(time, event, month)) else []
        if few:
            why = f"fewer than {FEWEST} died, or outlived it"
            yield "No interval", f"in {name} {listed(few)}: {why}"
    yield "Not drawn", "; ".join(left_out(dict(config), study.columns))


def _errors(error: TaceflowError) -> list[str]:
    """Return the first problems, a line each, and behind those of one table what to do."""
    lines, told, left = [], 0, 0
    for one in error.errors if isinstance(error, SeveralErrors) else (error,):
        problems = one.problems if isinstance(one, InputError) else (str(one),)
        shown = problems[: max(0, MOST_NAMED - told)]
        left += len(problems) - len(shown)
        if not shown:
            continue
        if len(problems) == 1:
            lines.append(_bullet(str(one)))
        else:
            lines += [_bullet(f"{problem} [{one.file}]") for problem in shown]
            lines.append(textwrap.fill(one.remedy or "", _WIDTH, initial_indent="    "))
        told += len(shown)
    more = [f"  and {left} more"] if left else []
    return [_line("Errors", f"{told + left}, nothing is run before they are mended"), *lines, *more]


def _bullet(text: str) -> str:
    return _wrapped(f"  - {text}", "    ")


def _line(label: str, text: str) -> str:
    return _wrapped(f"{label:{_LABEL}}{text}", " " * _LABEL)


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
