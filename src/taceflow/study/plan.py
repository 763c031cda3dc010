"""Who is in the study, known while the Snakefile is parsed: the tables, read and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from taceflow.application.needs import terms_of, why_not
from taceflow.application.settings import take_settings
from taceflow.bundle.opened import OpenedModel, open_model
from taceflow.cohort.derived_scores import add_derived_scores
from taceflow.cohort.ownership import check_owners
from taceflow.cohort.review import Verdict, excluded_for_good, read_review
from taceflow.cohort.screening import read_screening
from taceflow.cohort.sheets import (
    CohortTables,
    check_files,
    check_references,
    check_tables,
    read_cohort_tables,
    sheet_exclusions,
)
from taceflow.cohort.units import check_values
from taceflow.errors import ConfigurationError, InputError, all_of
from taceflow.files.configuration import check_tables_kept, complete_configuration
from taceflow.files.yaml_files import load_yaml
from taceflow.radiomics.margins import study_reach
from taceflow.radiomics.panel import checked_panel, read_panel
from taceflow.radiomics.ready.settings import expected_settings
from taceflow.radiomics.ready.table import read_ready_table
from taceflow.radscore.published import COEFFICIENTS
from taceflow.study.enough_deaths import (
    check_follow_up,
    counted_reasons,
    followed_and_died,
    too_small_for,
)
from taceflow.study.index import FileIndex, index_files
from taceflow.study.source_fingerprint import fingerprint
from taceflow.study.sources import check_places, check_sources, ready_source
from taceflow.study.variables import check_batches, check_variables
from taceflow.survival.minimum_counts import FEWEST
from taceflow.synthetic.plan import plan_cohort
from taceflow.wording.counts import counted
from taceflow.wording.names import model_name

TABLES = ("patients", "scans", "segmentations")
"""The tables of a cohort."""


@dataclass(frozen=True)
class StudyPlan:
    """The cohort as the tables tell it, indexed by patient.

    Attributes
    ----------
    results : str
        The run's folder; a synthetic cohort lies in ``{results}/synthetic``.
    is_synthetic : bool
        Whether the workflow makes the patients itself.
    table_paths : dict
        Paths of the tables ``patients``, ``scans``, ``segmentations``, as far as there are such.
    archive : dict or None
        The archive of DICOM files, ``root``, ``ids``, ``segmentations`` and ``roi``, in which the
        catalogue looks for what the tables do not name.
    ready : dict or None
        The ready table of features in place of images: ``path``, ``id_column``, ``id_pattern``,
        ``tumors`` and ``expected``, as `read_ready_table` takes them.
    featured : list of str or None
        The patients who have features in it.
    ready_notes : tuple of str
        What the report says of it.
    columns : frozenset of str
        Columns of the table of patients that hold at least one value.
    patients : tuple of str
        All ids of the sheet.
    to_import : tuple of str
        Ids of those whose images are read: follow-up, scan and mask are there.
    too_small_for : dict
        The stages, ``radscore`` and ``dlopctr``, for which the table of patients holds too few
        deaths, each with the reason.
    index : FileIndex
        Where the files of those lie.
    model : OpenedModel or None
        The fitted study that is applied; without it one is fitted.
    unserved : dict
        Its models, each with the reason for which the tables cannot serve it, or "".
    excluded : dict
        Who cannot take part by the tables: ``{patient_id: (stage, reason, remedy)}``.
    followed : tuple of int
        How many of the patients who can take part are followed, and how many of these died.
    reach : dict or None
        How far around the tumours the resampled volumes are kept; see `study_reach`.
    review : dict of str to Verdict
        What a reader said of whom.
    screening : list of (str, int)
        Who was left out before the table of patients: each reason with the number.
    """

    results: str
    is_synthetic: bool
    table_paths: dict[str, str]
    archive: dict[str, Any] | None
    ready: dict[str, Any] | None
    featured: list[str] | None
    ready_notes: tuple[str, ...]
    columns: frozenset[str]
    patients: tuple[str, ...]
    to_import: tuple[str, ...]
    too_small_for: dict[str, str]
    index: FileIndex
    model: OpenedModel | None
    unserved: dict[str, str]
    excluded: dict[str, tuple[str, str, str]]
    followed: tuple[int, int]
    reach: dict[str, Any] | None
    review: dict[str, Verdict]
    screening: list[tuple[str, int]]

    @property
    def told_review(self) -> dict[str, dict[str, str]]:
        """All verdicts, as a job's parameter."""
        return {patient: vars(said) for patient, said in self.review.items()}

    @property
    def deciding_review(self) -> dict[str, dict[str, str]]:
        """The verdicts that decide who is in: a new "keep" makes no cohort again."""
        return {one: said for one, said in self.told_review.items() if said["verdict"] != "keep"}

    @property
    def is_validated(self) -> bool:
        """Whether a fitted study is applied to patients of whom enough died to measure it."""
        return not self.is_fitted and self.followed[1] >= FEWEST

    @property
    def has_images(self) -> bool:
        """Whether features come from images."""
        return self.ready is None

    @property
    def is_fitted(self) -> bool:
        """Whether models are fitted, and not a fitted one applied."""
        return self.model is None

    def has_network(self, name: str) -> bool:
        """Say whether a network predicts anybody."""
        return self.has_images and (self.is_fitted or self.unserved.get(name, "absent") == "")

    @property
    def has_convolutions_inside(self) -> bool:
        """Whether the bundle that is applied holds the weights of the network's convolutions."""
        return bool(self.model and self.model.convolutions and self.model.convolutions["inside"])

    @property
    def convolutions_sha256(self) -> str | None:
        """Digest of the weights that they must be, where a bundle is applied."""
        return self.model and self.model.convolutions and self.model.convolutions["sha256"]

    @property
    def archive_masks(self) -> dict[str, str] | None:
        """Which segmentation of the archive is taken, and which region of it."""
        names = ("segmentations", "roi")
        return self.archive and {name: self.archive[name] for name in names}

    def archive_fingerprint(self, wildcards: Any) -> str:
        """Return the digest of the archive's files; asked for when a job is planned."""
        return fingerprint([self.archive["root"]])


def plan_study(
    config: dict[str, Any], files: Sequence[str] = (), *, whole: bool = True
) -> StudyPlan:
    """Check a configuration and read its tables, or plan the synthetic cohort where none are given.

    Parameters
    ----------
    config : dict
        The merged configuration.
    files : sequence of str
        The YAML files it comes from.
    whole : bool
        Whether the user's tables, and the weights of a model that is applied, are checked from row
        to row too: once a run, not by its jobs.

    Returns
    -------
    StudyPlan

    Raises
    ------
    ConfigurationError
        If a key cannot be used, or the panel of features is none.
    InputError
        If a table or a bundle cannot be used, or leaves nobody to fit a model on, or to apply one
        to.
    """
    for file in files:
        check_tables_kept(config, load_yaml(file), file)
    complete_configuration(config)
    results = f"results/{config['run']}"
    model = open_model(config["model"], whole=whole) if config["model"] else None
    panel = config["radiomics"]["panel"]
    if model:
        take_settings(config, model, results, files)
        panel = checked_panel(model.panel, f"{model.path}: panel.yaml")
    else:
        panel = read_panel(panel)
    given = {name: path for name, path in config["tables"].items() if path is not None}
    is_synthetic = "patients" not in given
    archive = config["archive"] if config["archive"]["root"] is not None else None
    if archive and is_synthetic:
        raise ConfigurationError("'archive' needs 'tables.patients': whose files are looked for?")
    if is_synthetic:
        root = f"{results}/synthetic"
        drawn = plan_cohort(config["synthetic"], root=root)
        tables = CohortTables(drawn.patients, drawn.scans, drawn.segmentations)
        check_tables(tables, source="synthetic cohort")
        paths = {name: f"{root}/{name}.tsv" for name in TABLES}
    else:
        paths = {name: given[name] for name in TABLES if name in given}
        check_sources(config)
        tables = read_cohort_tables(**paths, is_fitted=model is None)
        if whole:
            _check_brought(tables, paths, config, model)
    known = model.radscore.get("harmonisation", {}).get("batches", ()) if model else ()
    check_batches(config, tables.patients, paths["patients"], known)
    check_places(config)
    phase = config["imaging"]["phase"]
    patients = tuple(tables.patients["patient_id"])
    ready = ready_source(config)
    featured, notes = None, ()
    if ready:
        spacing = config["imaging"]["spacing_mm"]
        ready["expected"] = expected_settings(panel.setting, spacing)
        needed = COEFFICIENTS if config["radscore"]["family"] == "published" else ()
        if model:
            needed = model.radscore["coefficients"]
        table = read_ready_table(**ready, patients=patients, needed=needed)
        featured, notes = sorted(table.features.index), table.notes
    excluded = sheet_exclusions(
        tables,
        phase,
        has_archive=archive is not None,
        featured=featured,
        is_fitted=model is None,
    )
    # who is left out by a reader is imported all the same: the page of quality control shows all
    to_import = tuple(patient for patient in patients if patient not in excluded and not ready)
    review = read_review(given["review"], patients) if "review" in given else {}
    excluded = excluded_for_good(review) | excluded
    candidates = tables.patients[~tables.patients["patient_id"].isin(excluded)]
    return StudyPlan(
        results=results,
        is_synthetic=is_synthetic,
        table_paths=paths,
        archive=archive,
        ready=ready,
        featured=featured,
        ready_notes=notes,
        columns=frozenset(tables.patients.columns[tables.patients.notna().any()]),
        patients=patients,
        to_import=to_import,
        too_small_for=(
            {} if model else too_small_for(config, candidates, paths["patients"], excluded)
        ),
        index=index_files(
            tables,
            phase,
            to_import,
            choices=given.get("choices"),
            made_in=f"{root}/images" if is_synthetic else None,
        ),
        model=model,
        unserved=_unserved(model, candidates, excluded, paths["patients"], has_images=not ready),
        excluded=excluded,
        followed=followed_and_died(candidates),
        reach=study_reach(config, panel),
        review=review,
        screening=read_screening(given["screening"], patients) if "screening" in given else [],
    )


def _check_brought(
    tables: CohortTables,
    paths: Mapping[str, str],
    config: dict[str, Any],
    model: OpenedModel | None,
) -> None:
    """Refuse tables of the user's that contradict themselves, each other or the configuration."""
    sheet, source = tables.patients, paths["patients"]
    sources = {name: paths.get(name) for name in ("scans", "segmentations")}
    terms = model and [term for of_model in terms_of(model).values() for term in of_model]
    all_of(
        [
            partial(check_follow_up, sheet, source, is_fitted=model is None),
            partial(check_references, tables, **sources),
            partial(_check_images, tables, sources),
            partial(check_values, sheet, source, config["checked_values"]),
            partial(check_variables, config, sheet, source, terms),
        ]
    )


def _check_images(tables: CohortTables, sources: dict[str, str | None]) -> None:
    check_files(tables, **sources)
    # of files that exist
    check_owners(tables, **sources)


def _unserved(
    model: OpenedModel | None,
    candidates: pd.DataFrame,
    excluded: Mapping[str, tuple[str, str, str]],
    source: str,
    *,
    has_images: bool,
) -> dict[str, str]:
    """Return why each model of a bundle predicts nobody; refuse tables that it cannot serve."""
    if model is None:
        return {}
    if candidates.empty:
        raise InputError(
            f"none of {counted(len(excluded), 'patient')} can have a prediction by {model.path}: "
            f"{counted_reasons(excluded)}",
            file=source,
            remedy="Add what is missing, or name a bundle of other scans",
        )
    if not model.models:
        raise ConfigurationError(
            f"'model': {model.path} holds a Radscore alone, without a cut-off or a baseline: no "
            "survival follows from it. radscore.family: published fits the rest to patients of "
            "your own"
        )
    known = add_derived_scores(candidates).dropna(axis=1, how="all").columns
    reasons = why_not(model, set(known), has_images=has_images)
    if all(reasons.values()):
        told = "; ".join(f"{model_name(name)}: {reason}" for name, reason in reasons.items())
        raise InputError(
            f"no model of {model.path} can be applied: {told}",
            file=source,
            remedy="Add the columns, under these names",
        )
    return reasons
