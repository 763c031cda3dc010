"""Who is in the study and where their files lie, known while the Snakefile is parsed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from taceflow.cohort.choices import read_choices, with_choices
from taceflow.cohort.ownership import check_owners
from taceflow.cohort.sheets import (
    CohortTables,
    check_files,
    check_places,
    check_references,
    check_sources,
    check_tables,
    read_cohort_tables,
    ready_source,
    sheet_exclusions,
)
from taceflow.cohort.units import check_values
from taceflow.errors import ConfigurationError, InputError
from taceflow.files.configuration import complete_configuration
from taceflow.files.yaml_files import load_yaml
from taceflow.imaging.dicom.locations import split_location
from taceflow.radiomics.panel import read_panel
from taceflow.radiomics.ready.settings import expected_settings
from taceflow.radiomics.ready.table import read_ready_table
from taceflow.radscore.published import COEFFICIENTS
from taceflow.readings import MAIN_READING
from taceflow.study.fingerprint import fingerprint
from taceflow.study.size import too_small_for
from taceflow.study.variables import check_variables
from taceflow.synthetic.plan import plan_cohort

TABLES = ("patients", "scans", "segmentations")
"""The tables of a cohort."""

NO_SCAN = {"image": "", "series_uid": ""}
"""A patient whose scan the archive holds."""


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
    readings : tuple of str
        All readings, as ``reader1-1``.
    scans : dict
        By patient: ``{"image": path, "series_uid": uid}`` of the phase that the model uses; "" is
        left to the archive.
    masks : dict
        By patient: list of ``{"reading", "phase", "mask", "roi"}``.
    too_small_for : dict
        The stages, ``radscore`` and ``dlopctr``, for which the table of patients holds too few
        deaths, each with the reason.
    sources : dict
        By patient: the files and folders whose change makes a new import necessary.
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
    readings: tuple[str, ...]
    too_small_for: dict[str, str]
    scans: dict[str, dict[str, str]] = field(repr=False)
    masks: dict[str, list[dict[str, str]]] = field(repr=False)
    sources: dict[str, list[str]] = field(repr=False)

    @property
    def has_images(self) -> bool:
        """Whether features come from images."""
        return self.ready is None

    def patient_sources(self, wildcards: Any) -> list[str]:
        """Return the files and folders that the tables name for a patient."""
        return self.sources.get(wildcards.patient, [])

    def sources_fingerprint(self, wildcards: Any) -> str:
        """Return the digest of these files and folders."""
        return fingerprint(self.patient_sources(wildcards))

    def patient_files(self, wildcards: Any) -> dict[str, Any]:
        """Return the patient's scan and readings, as the tables name them."""
        return {"scan": self.scans[wildcards.patient], "masks": self.masks[wildcards.patient]}

    @property
    def archive_masks(self) -> dict[str, str] | None:
        """Which segmentation of the archive is taken, and which region of it."""
        names = ("segmentations", "roi")
        return self.archive and {name: self.archive[name] for name in names}

    def archive_fingerprint(self, wildcards: Any) -> str:
        """Return the digest of the archive's files; asked for when a job is planned."""
        return fingerprint([self.archive["root"]])


def plan_study(config: dict[str, Any], files: Sequence[str] = ()) -> StudyPlan:
    """Check a configuration and read its tables, or plan the synthetic cohort where none are given.

    Parameters
    ----------
    config : dict
        The merged configuration.
    files : sequence of str
        The YAML files it comes from.

    Returns
    -------
    StudyPlan

    Raises
    ------
    ConfigurationError
        If a key cannot be used, or the panel of features is none.
    InputError
        If a table cannot be used, or leaves nobody to fit a model on.
    """
    for file in files:
        load_yaml(file)
    complete_configuration(config)
    panel = read_panel(config["radiomics"]["panel"])
    results = f"results/{config['run']}"
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
        tables = read_cohort_tables(**paths)
        _check_follow_up(tables.patients, paths["patients"])
        sources = {name: paths.get(name) for name in ("scans", "segmentations")}
        check_references(tables, **sources)
        check_files(tables, **sources)
        check_owners(tables, **sources)
        check_values(tables.patients, paths["patients"], config["checked_values"])
        check_variables(config, tables.patients, paths["patients"])
    check_places(config)
    phase = config["imaging"]["phase"]
    patients = tuple(tables.patients["patient_id"])
    ready = ready_source(config)
    featured, notes = None, ()
    if ready:
        spacing = config["imaging"]["spacing_mm"]
        ready["expected"] = expected_settings(panel.setting, spacing)
        needed = COEFFICIENTS if config["radscore"]["family"] == "published" else ()
        table = read_ready_table(**ready, patients=patients, needed=needed)
        featured, notes = sorted(table.features.index), table.notes
    excluded = sheet_exclusions(tables, phase, has_archive=archive is not None, featured=featured)
    candidates = tables.patients[~tables.patients["patient_id"].isin(excluded)]
    scans = _scans_by_patient(tables.scans, phase)
    if choices := given.get("choices"):
        scans = with_choices(scans, read_choices(choices, patients), NO_SCAN, choices)
    masks = _masks_by_patient(tables.segmentations)
    to_import = tuple(patient for patient in patients if patient not in excluded and not ready)
    if is_synthetic:
        sources = {patient: [f"{root}/images/{patient}"] for patient in to_import}
    else:
        sources = {
            patient: _files_of(scans.get(patient, NO_SCAN), masks.get(patient, []))
            for patient in to_import
        }
    readings = {row["reading"] for rows in masks.values() for row in rows} | {MAIN_READING}
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
        readings=tuple(sorted(readings)),
        too_small_for=too_small_for(config, candidates, paths["patients"], excluded),
        scans={patient: scans.get(patient, NO_SCAN) for patient in to_import},
        masks={patient: masks.get(patient, []) for patient in to_import},
        sources=sources,
    )


def _check_follow_up(patients: pd.DataFrame, source: str) -> None:
    """Raise an `InputError` if the table leaves nobody to fit a model on."""
    if patients.empty:
        raise InputError("the table has no patient", file=source, remedy="Write one row a patient")
    followed = patients.dropna(subset=["time_months", "event"])
    if followed.empty:
        raise InputError(
            "no patient has both time_months and event",
            file=source,
            remedy="Fill in the months from the first TACE to death (event 1) or last contact (0)",
        )
    # an empty cell is drawn, and may become training
    if "cohort" in followed and not followed["cohort"].fillna("training").eq("training").any():
        raise InputError(
            "no patient with time_months and event is of the cohort 'training'",
            file=source,
            remedy="Models are fitted on these: write training, or leave the cells to draw empty",
        )


def _files_of(scan: dict[str, str], masks: list[dict[str, str]]) -> list[str]:
    """Return the files and folders of a patient; a member of a zip archive is none."""
    named = [scan["image"], *(split_location(row["mask"])[0] for row in masks)]
    return list(dict.fromkeys(str(Path(name)) for name in named if name))


def _scans_by_patient(scans: pd.DataFrame, phase: str) -> dict[str, dict[str, str]]:
    chosen = scans[scans["phase"] == phase].astype(object)
    chosen = chosen.where(chosen.notna(), "").to_dict("records")
    return {
        row["patient_id"]: {name: row.get(name, "") for name in ("image", "series_uid")}
        for row in chosen
    }


def _masks_by_patient(segmentations: pd.DataFrame) -> dict[str, list[dict[str, str]]]:
    masks: dict[str, list[dict[str, str]]] = {}
    table = segmentations.astype(object)
    for row in table.where(table.notna(), "").to_dict("records"):
        masks.setdefault(row["patient_id"], []).append(
            {
                "reading": f"reader{int(row['reader'])}-{int(row['reading'])}",
                "phase": row["phase"],
                "mask": row["mask"],
                "roi": _label(row.get("roi", "")),
            }
        )
    return masks


def _label(roi: Any) -> str:
    """Return a label as text; a column with gaps turns label 1 into 1.0."""
    return str(int(roi)) if isinstance(roi, float) and roi.is_integer() else str(roi)
