"""One job for many patients: what is up to date is left alone, what fails costs one patient."""

import errno
import json
import logging
import shutil
from pathlib import Path

import pytest

from taceflow.errors import DiskError, InputError
from taceflow.files.patient_job import PatientJob, content_digest

PATIENTS = ("P1", "P2", "P3")


class Stage:
    """A stage that copies a file of each patient, and counts whose it made."""

    def __init__(self, folder):
        self.folder = folder
        self.made = []
        self.bad = {}

    def job(self, **changes):
        told = {
            "results": str(self.folder),
            "files": ["copies/{patient}.txt", "folders/{patient}"],
            "reads": "originals/{patient}.txt",
            "patients": PATIENTS,
            "again": 0,
            "receipts": str(self.folder / "made" / "copy" / "patients"),
            "ledger": str(self.folder / "made" / "copy" / "0.json"),
            "last": str(self.folder / "made" / "copy" / "last" / "0.json"),
        }
        return PatientJob(**(told | changes))

    def run(self, by="settings", of=None, after=(), files=(), **changes):
        self.made = []
        job = self.job(**changes)

        def make(patient):
            if patient in self.bad:
                raise self.bad[patient]
            self.made.append(patient)
            Path(job.path(patient)).parent.mkdir(exist_ok=True)
            Path(job.path(patient)).write_text(f"of {patient}")
            Path(job.path(patient, 1)).mkdir(parents=True, exist_ok=True)
            (Path(job.path(patient, 1)) / "inside.txt").write_text("inside")

        job.run(make, by=by, of=of, after=after, files=files)
        return json.loads(Path(job.ledger).read_text())


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


def test_what_a_job_reads_lies_below_the_run(stage):
    assert stage.job().read("P1") == f"{stage.folder}/originals/P1.txt"


def test_who_is_up_to_date_is_left_alone(stage):
    first = stage.run()
    assert stage.made == list(PATIENTS)
    assert list(first["made"]) == list(PATIENTS)
    assert stage.run() == first
    assert stage.made == []


def test_another_setting_makes_all_again(stage):
    stage.run(by={"margin_mm": 5})
    stage.run(by={"margin_mm": 6})
    assert stage.made == list(PATIENTS)


def test_what_changes_of_one_patient_makes_that_one_again(stage):
    of = {"P1": "a", "P2": "b", "P3": "c"}
    stage.run(of=of)
    stage.run(of=of | {"P2": "another scan"})
    assert stage.made == ["P2"]


def test_a_shared_file_makes_all_again_if_its_content_changes(stage):
    panel = stage.folder / "panel.yaml"
    panel.write_text("one")
    stage.run(files=[panel])
    panel.write_text("one")
    stage.run(files=[panel])
    assert stage.made == []
    panel.write_text("two")
    stage.run(files=[panel])
    assert stage.made == list(PATIENTS)


def test_what_came_before_counts_by_what_it_is(stage):
    before = stage.folder / "before.json"
    before.write_text(json.dumps({"again": 0, "made": {"P1": "a", "P2": "b", "P3": "c"}}))
    stage.run(after=[before])
    before.write_text(json.dumps({"again": 1, "made": {"P1": "a", "P2": "b", "P3": "d"}}))
    stage.run(after=[before])
    assert stage.made == ["P3"]


@pytest.mark.parametrize("gone", ["copies/P2.txt", "folders/P2", "folders/P2/inside.txt"])
def test_what_is_deleted_is_made_again(stage, gone):
    stage.run()
    path = stage.folder / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    stage.run()
    assert stage.made == ["P2"]


def test_what_somebody_else_wrote_is_made_again(stage):
    stage.run()
    (stage.folder / "copies" / "P3.txt").write_text("by hand")
    stage.run()
    assert stage.made == ["P3"]


def test_a_copy_of_the_run_is_recognised_by_its_contents(stage, tmp_path):
    first = stage.run()
    for name in PATIENTS:
        (tmp_path / "copies" / f"{name}.txt").touch()
    assert stage.run() == first
    assert stage.made == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"source": 1}'])
def test_a_receipt_that_cannot_be_read_counts_for_nothing(stage, content):
    stage.run()
    (stage.folder / "made" / "copy" / "patients" / "P1.json").write_text(content)
    stage.run()
    assert stage.made == ["P1"]


def test_a_patient_who_fails_costs_nobody_else(stage, caplog):
    stage.bad = {"P1": InputError("the scan is cut", patient="P1"), "P2": ValueError("Doe^Jane")}
    with caplog.at_level(logging.INFO), pytest.raises(InputError, match="the scan is cut"):
        stage.run()
    assert stage.made == ["P3"]
    assert not Path(stage.job().ledger).exists()
    # a library's words may quote a header
    assert "patient P2 failed: ValueError" in caplog.text
    assert "Doe" not in caplog.text
    assert "2 of 3 patients failed; the files of the others are kept" in caplog.text
    stage.bad = {}
    stage.run()
    assert stage.made == ["P1", "P2"]


def test_a_full_disk_ends_the_job_at_once(stage):
    stage.run()
    stage.bad = {"P1": DiskError("no space left", errno.ENOSPC)}
    with pytest.raises(DiskError):
        stage.run(by="others")
    assert stage.made == []


def test_a_killed_job_keeps_what_was_whole(stage):
    stage.bad = {"P2": KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        stage.run()
    assert stage.made == ["P1"]
    stage.bad = {}
    stage.run()
    assert stage.made == ["P2", "P3"]


class Batches:
    """A stage that finishes patients two by two, as the network does with its batches."""

    def __init__(self, stage):
        self.stage = stage
        self.asked = []

    def run(self, fails=None, **due):
        def make(patients):
            self.asked.append(list(patients))
            for number, patient in enumerate(patients):
                if patient == fails:
                    raise InputError("the patch is constant", patient=patient)
                job = self.stage.job()
                Path(job.path(patient)).parent.mkdir(exist_ok=True)
                Path(job.path(patient)).write_text(patient)
                Path(job.path(patient, 1)).mkdir(parents=True, exist_ok=True)
                if number % 2:
                    yield from ((one, None) for one in patients[number - 1 : number + 1])
            if len(patients) % 2:
                yield patients[-1], None

        self.stage.job().run_together(make, by="settings", **due)
        return json.loads(Path(self.stage.job().ledger).read_text())


def test_patients_of_a_batch_are_made_together_and_signed_one_by_one(stage):
    batches = Batches(stage)
    first = batches.run()
    assert list(first["made"]) == list(PATIENTS)
    assert batches.run() == first
    (stage.folder / "copies" / "P2.txt").unlink()
    assert batches.run() == first
    # whoever is up to date is not in it, and for nobody nothing is loaded
    assert batches.asked == [list(PATIENTS), ["P2"]]


def test_what_a_batch_had_finished_is_kept_when_the_next_fails(stage):
    batches = Batches(stage)
    with pytest.raises(InputError, match="patient P3: the patch is constant"):
        batches.run(fails="P3")
    assert not Path(stage.job().ledger).exists()
    batches.run()
    assert batches.asked == [list(PATIENTS), ["P3"]]


def test_other_buckets_change_nothing(stage):
    """As when the cohort has doubled."""
    stage.run()
    ledger = str(stage.folder / "made" / "copy" / "7.json")
    assert list(stage.run(patients=["P2"], ledger=ledger)["made"]) == ["P2"]
    assert stage.made == []


def test_a_file_has_the_digest_of_its_name_and_content(tmp_path):
    (tmp_path / "a").write_text("one")
    (tmp_path / "b").write_text("one")
    assert content_digest(tmp_path / "a") != content_digest(tmp_path / "b")
    with pytest.raises(FileNotFoundError):
        content_digest(tmp_path / "c")
