"""Which job does which patients, and when it is due again."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from taceflow.cohort.buckets import bucket_count
from taceflow.errors import InputError
from taceflow.study.patient_jobs import PATIENT_FILES, PatientJobs

COHORT = [f"P{number:03}" for number in range(100)]


@pytest.fixture
def jobs(tmp_path):
    return PatientJobs.of(str(tmp_path), COHORT, 10, 10)


def test_buckets_double_as_the_cohort_does():
    assert [bucket_count(n, 10) for n in (1, 10, 11, 20, 21, 40, 100)] == [1, 1, 2, 2, 4, 4, 16]
    assert bucket_count(10_000, 20) == 512


def test_every_patient_is_in_one_job(jobs):
    found = [one for bucket in range(jobs.buckets) for one in jobs.members("patch", bucket, COHORT)]
    assert sorted(found) == COHORT
    assert jobs.ledgers("patch", COHORT[:1]) == [
        jobs.ledger("patch", bucket)
        for bucket in range(jobs.buckets)
        if COHORT[0] in jobs.members("patch", bucket, COHORT)
    ]


def test_a_job_of_the_network_has_more_patients(tmp_path):
    jobs = PatientJobs.of(str(tmp_path), COHORT, 10, 100)
    assert jobs.members("embed", 0, COHORT) == COHORT
    assert jobs.ledgers("embed", COHORT) == [jobs.ledger("embed", 0)]
    assert jobs.ledger_of("dlopctr/embeddings/P004.npz", COHORT) == jobs.ledger("embed", 0)
    assert len(jobs.ledgers("patch", COHORT)) == jobs.buckets == 16


def test_who_joins_is_in_one_bucket(jobs):
    joined = PatientJobs.of(jobs.results, [*COHORT, "new"], 10, 10)
    assert joined == jobs
    changed = [
        bucket
        for bucket in range(jobs.buckets)
        if jobs.members("patch", bucket, COHORT) != jobs.members("patch", bucket, [*COHORT, "new"])
    ]
    assert len(changed) == 1


def finish(jobs, told):
    """Make what a job makes, but for the ledger."""
    for pattern in told["files"]:
        for patient in told["patients"]:
            path = Path(jobs.results, pattern.format(patient=patient))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    for patient in told["patients"]:
        sign(told, patient)
    last = Path(told["last"])
    last.parent.mkdir(parents=True, exist_ok=True)
    made = dict.fromkeys(told["patients"], "digest")
    last.write_text(json.dumps({"again": told["again"], "made": made}))


def sign(told, patient, made="digest"):
    """Write a receipt."""
    receipt = Path(told["receipts"], f"{patient}.json")
    receipt.parent.mkdir(parents=True, exist_ok=True)
    receipt.write_text(json.dumps({"made": made}))
    return receipt


@pytest.mark.parametrize("stage", PATIENT_FILES)
def test_a_deleted_file_makes_its_job_due_until_it_has_run(jobs, stage):
    bucket = 3
    planned = jobs.job(stage, bucket, COHORT)
    assert planned["again"] == 0
    finish(jobs, planned)
    assert jobs.job(stage, bucket, COHORT) == planned
    for again, pattern in enumerate(PATIENT_FILES[stage], start=1):
        Path(jobs.results, pattern.format(patient=planned["patients"][0])).unlink()
        due = jobs.job(stage, bucket, COHORT)
        assert due["again"] == again
        finish(jobs, due)
        assert jobs.job(stage, bucket, COHORT) == due


def test_a_job_is_told_where_the_stage_before_left_its_files(jobs):
    told = jobs.told("patch", lambda: COHORT, reads="resample")(SimpleNamespace(bucket=3))
    assert told == jobs.job("patch", 3, COHORT) | {"reads": "resampled/{patient}"}


def test_a_file_that_is_put_back_makes_nothing_due(jobs):
    planned = jobs.job("patch", 3, COHORT)
    finish(jobs, planned)
    file = Path(jobs.files("patch", planned["patients"])[0])
    file.unlink()
    assert jobs.job("patch", 3, COHORT) != planned
    file.touch()
    assert jobs.job("patch", 3, COHORT) == planned


@pytest.mark.parametrize("how", ["made otherwise", "begun"])
def test_what_the_job_of_another_bucket_has_made_since_makes_a_job_due(jobs, how):
    """As when the patients were shared out otherwise for a while, under other settings."""
    planned = jobs.job("patch", 3, COHORT)
    finish(jobs, planned)
    receipt = sign(planned, planned["patients"][0])
    after = Path(planned["last"]).stat().st_mtime_ns + 1
    os.utime(receipt, ns=(after, after))
    assert jobs.job("patch", 3, COHORT) == planned
    if how == "begun":
        receipt.unlink()
    else:
        sign(planned, planned["patients"][0], "another digest")
        os.utime(receipt, ns=(after, after))
    due = jobs.job("patch", 3, COHORT)
    assert due == planned | {"again": 1}
    finish(jobs, due)
    assert jobs.job("patch", 3, COHORT) == due


def test_who_joins_has_lost_nothing(jobs):
    finish(jobs, jobs.job("patch", 0, jobs.members("patch", 0, COHORT)[1:]))
    assert jobs.job("patch", 0, COHORT)["again"] == 0


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"again": 1, "made": []}'])
def test_a_ledger_that_cannot_be_read_tells_of_nobody(jobs, content):
    last = Path(jobs.job("patch", 0, COHORT)["last"])
    last.parent.mkdir(parents=True)
    last.write_text(content)
    assert jobs.job("patch", 0, COHORT)["again"] == 0


@pytest.mark.parametrize("stage", PATIENT_FILES)
def test_a_patients_file_is_made_by_the_job_of_the_bucket(jobs, stage):
    (bucket,) = (one for one in range(jobs.buckets) if "P004" in jobs.members("patch", one, COHORT))
    for pattern in PATIENT_FILES[stage]:
        file = pattern.format(patient="P004")
        assert jobs.ledger_of(file, COHORT) == jobs.ledger(stage, bucket)


def test_the_file_of_nobody_is_refused(jobs):
    with pytest.raises(InputError, match=r"id P0100; did you mean 'P010'.*qc/P0100.png"):
        jobs.ledger_of("qc/P0100.png", COHORT)
    with pytest.raises(ValueError, match="no patient's"):
        jobs.ledger_of("qc/contact_sheet", COHORT)
