"""The configuration and the workbook of a new study: `taceflow init`."""

import re
from pathlib import Path

from taceflow.cohort.dates import FIRST, LAST
from taceflow.cohort.sheets import NOTES
from taceflow.errors import ConfigurationError
from taceflow.files.atomic import atomic_path
from taceflow.files.configuration import default_configuration
from taceflow.files.folders import CONFIG
from taceflow.files.schemas import load_schema
from taceflow.imaging.import_settings import ImportSettings
from taceflow.program.found_files import find_files
from taceflow.program.rows import Tables, tabulate
from taceflow.program.whose import Patient, folders_without_use, patients_of
from taceflow.program.workbook import write_workbook
from taceflow.wording.counts import counted
from taceflow.wording.messages import listed

_DERIVED = ("albi_score", "albi_grade", "hap_score", "six_and_twelve_score")


def begin_study(root: str, name: str, threads: int) -> str:
    """Write ``name.yaml`` and ``name.xlsx``, filled in as far as the files of a folder tell.

    Parameters
    ----------
    root : str
        A folder of scans and masks in any layout, or a zip archive.
    name : str
        Of the run, with a path if the files shall lie in another folder.
    threads : int
        Reading processes.

    Returns
    -------
    str
        What was found and what to do next.

    Raises
    ------
    ConfigurationError
        If one of the two files is there already, or the name is none.
    InputError
        If nothing is found.
    """
    name = re.sub(r"\.(yaml|yml|xlsx)$", "", name)
    configuration, workbook = Path(f"{name}.yaml"), Path(f"{name}.xlsx")
    rule = load_schema("config")["properties"]["run"]
    if not re.match(rule["pattern"], configuration.stem):
        raise ConfigurationError(f"--name '{configuration.stem}' cannot be used: {rule['x-form']}")
    for file in (configuration, workbook):
        if file.exists():
            raise ConfigurationError(
                f"{file} is there already, and nothing is written over it: name another by --name"
            )
    rules = ImportSettings.of(default_configuration()["imaging"]).series
    files, unused = find_files(root, rules.phase_patterns, threads)
    patients = patients_of(files, Path(root).resolve().stem)
    tables = tabulate(patients, rules, threads)
    barren = folders_without_use(patients, unused)
    write_workbook(workbook, _sheets(patients, tables))
    with atomic_path(configuration) as temporary:
        temporary.write_text(_configuration(configuration.stem, workbook), encoding="utf-8")
    return _told(configuration, workbook, patients, tables, barren)


def _sheets(patients: dict[str, Patient], tables: Tables) -> dict[str, tuple[list[str], list]]:
    properties = load_schema("patients")["properties"]
    clinical = [one for one in properties if one not in ("patient_id", "cohort", *_DERIVED)]
    columns = ["patient_id", "cohort", FIRST, LAST, *clinical, NOTES]
    rows = [
        {"patient_id": patient, "cohort": one.cohort, "notes": "; ".join(tables.notes[patient])}
        for patient, one in patients.items()
    ]
    sheets = {"patients": (columns, rows)}
    for name in ("scans", "segmentations"):
        sheets[name] = list(load_schema(name)["properties"]), getattr(tables, name)
    if tables.choices:
        first = ["patient_id", "use"]
        others = [one for one in load_schema("candidates")["properties"] if one not in first]
        sheets["choices"] = [*first, *others], tables.choices
    return sheets


def _configuration(run: str, workbook: Path) -> str:
    """Return the start for one's own patients, with one workbook for its tables."""
    text = (CONFIG / "own_data.yaml").read_text(encoding="utf-8")
    text = re.sub(r"\A(#.*\n)+", "", text)
    text = re.sub(r"(?m)^run: .*$", f"run: {run}", text)
    text = re.sub(r"(?m)^tables:\n(?:  .*\n)+", f"tables:\n  workbook: '{workbook}'\n", text)
    return (
        f"# Fill in {workbook.name}, and check it: taceflow check {run}.yaml\n"
        "# What is not written here has its default; every key is described in config/README.md.\n"
        f"{text}"
    )


def _told(
    configuration: Path,
    workbook: Path,
    patients: dict[str, Patient],
    tables: Tables,
    barren: list[str],
) -> str:
    noted = sum(bool(notes) for notes in tables.notes.values())
    noted += sum(bool(row["notes"]) for row in (*tables.scans, *tables.segmentations))
    lines = [
        f"{workbook}: {counted(len(patients), 'patient')}, {counted(len(tables.scans), 'scan')}, "
        f"{counted(len(tables.segmentations), 'mask')}, {counted(noted, 'row with notes')}",
    ]
    if tables.choices:
        count = len({row["patient_id"] for row in tables.choices})
        whose = counted(count, "patient")
        lines.append(f"Of {whose} a series is to be chosen, or looked at: sheet choices")
    if barren:
        lines.append(
            "No row: beside the patients' folders lie some with DICOM files of which none can be "
            f"used: {listed(barren)}"
        )
    lines += [
        "Ids are the names of folders and files: take pseudonyms of your own where those are none",
        f"Next: fill in the sheet patients, read the notes, then taceflow check {configuration}",
    ]
    return "\n".join(lines)
