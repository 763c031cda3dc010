"""An archive of DICOM files in place of the tables of scans and masks."""

import os
import shutil

import pandas as pd
import pytest
import yaml

from taceflow.files.tables import read_table, write_table

pytestmark = pytest.mark.timeout(1500)

COUNT = 6


@pytest.fixture
def archived(tiny, project):
    """Six patients of the tiny study, all their files in one folder without names or extensions."""
    source = tiny.results / "synthetic"
    sheet = pd.read_csv(source / "patients.tsv", sep="\t", dtype={"patient_id": str})
    masks = pd.read_csv(source / "segmentations.tsv", sep="\t", dtype={"patient_id": str})
    included = pd.read_csv(tiny.results / "cohort/patients.tsv", sep="\t", dtype=str)
    sheet = sheet[sheet["patient_id"].isin(included["patient_id"])].head(COUNT)
    root = project.folder / "pacs"
    root.mkdir()
    ids = []
    for patient in sheet["patient_id"]:
        files = sorted((source / "images" / patient).rglob("*.dcm"))
        rows = masks[(masks["patient_id"] == patient) & masks["mask"].str.endswith(".dcm")]
        files += [tiny.folder / name for name in rows["mask"]]
        for file in dict.fromkeys(files):
            shutil.copy(file, root / f"IM{len(list(root.iterdir())):05d}")
        ids.append(dicom_id(files[0]))
    write_table(sheet, project.folder / "patients.tsv", "patients")
    pairs = {"dicom_patient_id": ids, "patient_id": list(sheet["patient_id"])}
    pd.DataFrame(pairs).to_csv(project.folder / "ids.tsv", sep="\t", index=False)
    overlay = {
        "run": "archived",
        "tables": {"patients": "patients.tsv"},
        "archive": {"root": "pacs", "ids": "ids.tsv"},
    }
    (project.folder / "archived.yaml").write_text(yaml.safe_dump(overlay))
    project.run = "archived"
    project.options = ("--configfile", "archived.yaml")
    return project


def dicom_id(file):
    import pydicom

    return str(pydicom.dcmread(file, stop_before_pixels=True).PatientID)


def test_an_archive_is_searched_and_only_what_changed_is_imported_again(archived):
    target = "results/archived/cohort/patients.tsv"
    archived.snakemake(target)
    patients = pd.read_csv(archived.folder / target, sep="\t", dtype=str)
    assert len(patients) == COUNT
    series = read_table(archived.results / "cohort/series.tsv")
    assert (series["candidates"] == 2).all()
    assert (series["reason"] == "description: 1 of 2").all()
    readings = read_table(archived.results / "cohort/readings.tsv")
    assert (readings["phase"] == "arterial").all()
    assert archived.snakemake(target, "-n").planned == {}

    file = next((archived.folder / "pacs").glob("IM*"))
    os.utime(file)
    made = archived.rebuild(target)
    volumes = {name.split("/")[1] for name in made if name.startswith("volumes/")}
    assert len(volumes) == 1
    assert any(name.startswith("catalogue/") for name in made)


def test_an_archive_without_a_sheet_of_patients_is_refused(project):
    (project.folder / "archived.yaml").write_text("archive: {root: pacs}\n")
    result = project.snakemake("-n", "--configfile", "archived.yaml", status=1)
    assert "'archive' needs 'tables.patients'" in result.output


def test_without_an_archive_all_three_tables_are_needed(project):
    (project.folder / "patients.tsv").write_text("patient_id\ttime_months\tevent\nP1\t3\t1\n")
    (project.folder / "own.yaml").write_text("tables: {patients: patients.tsv}\n")
    result = project.snakemake("-n", "--configfile", "own.yaml", status=1)
    assert "'tables.scans' is missing" in result.output
