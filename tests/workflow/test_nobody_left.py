"""Tables and pictures are there, and one message ends the run, if nobody is left to train on."""

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import yaml
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from taceflow.files.tables import read_table

pytestmark = pytest.mark.timeout(600)

SHAPE, SPACING_MM = (16, 40, 40), (6.0, 6.0, 5.0)


def hu(person):
    """A body of water in air with a ball of 140 HU, and the ball; no two persons' are the same."""
    shift = "VT".index(person[-2]) + int(person[-1])
    z, y, x = np.mgrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    image = np.where((y - 20) ** 2 + (x - 20) ** 2 < 250, 40, -1000).astype(np.int16)
    ball = (z - 8) ** 2 + (y - 18) ** 2 + (x - 20 - shift) ** 2 < 20
    image[ball] = 140
    return image, ball.astype(np.uint8)


def write_series(folder, person, number, description):
    image, _ = hu(person)
    study, series = generate_uid(entropy_srcs=[person]), generate_uid(entropy_srcs=[person, number])
    folder.mkdir(parents=True, exist_ok=True)
    for index, plane in enumerate(image):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[person, number, str(index)])
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        one = Dataset()
        one.file_meta = meta
        one.SOPClassUID, one.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        one.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        one.Modality, one.PatientID, one.PatientName = "CT", person, "Zqname^Zqfirst"
        one.StudyInstanceUID, one.SeriesInstanceUID = study, series
        one.StudyDate, one.SeriesNumber, one.InstanceNumber = "20130115", number, index + 1
        one.SeriesDescription, one.AcquisitionTime = description, "101530.25"
        one.ImagePositionPatient = [0, 0, index * SPACING_MM[2]]
        one.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        one.PixelSpacing, one.SliceThickness = list(SPACING_MM[:2]), SPACING_MM[2]
        one.Rows, one.Columns, one.SamplesPerPixel = *plane.shape, 1
        one.PhotometricInterpretation = "MONOCHROME2"
        one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 16, 16, 15, 1
        one.RescaleIntercept, one.RescaleSlope = 0, 1
        one.PixelData = plane.tobytes()
        one.save_as(folder / f"{number}_{index}.dcm", enforce_file_format=True)


@pytest.fixture
def study(project):
    """One validation patient, and two training patients of whose two series none is named."""
    folder = project.folder / "my"
    names = {"V1": ["arteriell"], "T1": ["Leber Zqname 5.0", "Leber 1.0"], "T2": ["A", "B"]}
    for patient, descriptions in names.items():
        for number, description in enumerate(descriptions, start=3):
            write_series(folder / patient / "ct", f"Zqname{patient}", str(number), description)
        mask = sitk.GetImageFromArray(hu(patient)[1])
        mask.SetSpacing(SPACING_MM)
        sitk.WriteImage(mask, str(folder / patient / "mask.nii.gz"))
    ids = list(names)
    cohorts = ["validation", "training", "training"]
    tables = {
        "patients": pd.DataFrame({"patient_id": ids, "cohort": cohorts, "time_months": 3.5}).assign(
            event=1
        ),
        "scans": pd.DataFrame({"patient_id": ids, "phase": "arterial"}).assign(
            image=[f"my/{patient}/ct" for patient in ids]
        ),
        "segmentations": pd.DataFrame({"patient_id": ids, "phase": "arterial", "reader": 1}).assign(
            reading=1, mask=[f"my/{patient}/mask.nii.gz" for patient in ids]
        ),
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.tsv", sep="\t", index=False)
    overlay = {"run": "mine", "tables": {name: f"my/{name}.tsv" for name in tables}}
    (project.folder / "mine.yaml").write_text(yaml.safe_dump(overlay))
    project.run, project.options = "mine", ("--configfile", "mine.yaml")
    return project


def test_the_tables_and_pictures_come_before_the_message(study):
    output = study.snakemake("results/mine/cohort/patients.tsv", status=1).output
    assert "no training patient is left: 3 in the sheet, 2 excluded" in output
    for name in ("cohort/exclusions.tsv", "cohort/series.tsv", "private/candidates.tsv"):
        assert name in output
        assert (study.results / name).exists()
    assert not (study.results / "cohort/patients.tsv").exists()
    assert (study.results / "qc/V1.png").exists()
    assert (study.results / "qc/contact_sheet/page_01.png").exists()
    assert (study.results / "qc/index.html").exists()
    assert read_table(study.results / "cohort/quality.tsv")["patient_id"].tolist() == ["V1"]
    excluded = read_table(study.results / "cohort/exclusions.tsv")
    assert excluded["reason"].str.startswith("none of 2 series is recognised").all()
    listed = read_table(study.results / "private/candidates.tsv", "candidates")
    assert listed["patient_id"].tolist() == ["T1", "T1", "T2", "T2"]
    assert listed["description"].tolist() == ["Leber 5.0", "Leber 1.0", "A", "B"]
    assert set(listed["time"]) == {"10:15:30"}
    for file in study.results.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"Zqname" not in content
            assert b"Leber" not in content or file.is_relative_to(study.results / "private")

    # answered, the patient is in
    listed.assign(use=["x", None, None, None]).to_csv(
        study.folder / "my/choices.tsv", sep="\t", index=False
    )
    overlay = yaml.safe_load((study.folder / "mine.yaml").read_text())
    overlay["tables"]["choices"] = "my/choices.tsv"
    (study.folder / "mine.yaml").write_text(yaml.safe_dump(overlay))
    study.snakemake("results/mine/cohort/patients.tsv")
    patients = read_table(study.results / "cohort/patients.tsv")
    assert patients["patient_id"].tolist() == ["V1", "T1"]


def test_nobody_at_all(study):
    table = pd.read_csv(study.folder / "my/patients.tsv", sep="\t").iloc[1:]
    for name in ("scans", "segmentations"):
        frame = pd.read_csv(study.folder / f"my/{name}.tsv", sep="\t").iloc[1:]
        frame.to_csv(study.folder / f"my/{name}.tsv", sep="\t", index=False)
    table.to_csv(study.folder / "my/patients.tsv", sep="\t", index=False)
    output = study.snakemake("results/mine/cohort/patients.tsv", status=1).output
    assert "no training patient is left: 2 in the sheet, 2 excluded" in output
    assert len(read_table(study.results / "cohort/exclusions.tsv")) == 2
    assert read_table(study.results / "cohort/quality.tsv").empty


def test_a_job_that_fails_is_due_again_though_it_had_succeeded_before(study):
    ledger = "results/mine/made/import_patient/0.json"
    study.snakemake(ledger)
    strict = ("--config", "on_bad_input=fail")
    output = study.snakemake(ledger, *strict, status=1).output
    assert "patient T1 failed" in output
    assert "2 of 3 patients failed; the files of the others are kept" in output
    # with the same settings, and with those with which it had succeeded
    for settings in (strict, ()):
        assert "Nothing to be done" not in study.snakemake("-n", ledger, *settings).output
    study.snakemake(ledger)
    assert "Nothing to be done" in study.snakemake("-n", ledger).output


def test_what_an_excluded_patient_has_left_is_no_file_of_the_study(study):
    kept = study.results / "patches" / "T1.nii.gz"
    kept.parent.mkdir(parents=True)
    kept.touch()
    study.snakemake("results/mine/patches/V1.nii.gz")
    output = study.snakemake("results/mine/patches/T1.nii.gz", status=1).output
    assert "the patient is not in the study" in output
