"""The rules of the public cohorts, run by Snakemake against servers on this machine."""

import hashlib
import json

import pandas as pd
import pytest

from taceflow.files.tables import read_table, write_table
from taceflow.public_cohorts import hcc_tace_seg, waw_tace
from taceflow.public_cohorts.fetch import fetch_file
from taceflow.public_cohorts.http import RemoteFile

FETCH = ("-s", "workflow/public_cohorts.smk")


def overlay(name):
    return ("--configfile", f"config/{name}/config.yaml")


def leave_receipt(folder, name):
    """The receipt of a file that is already there."""
    source = RemoteFile(f"https://nowhere.invalid/{name}")
    fetch_file(source, str(folder / name), str(folder / "receipts" / f"{name}.tsv"))


@pytest.fixture
def waw(project, server, waw_sheet, waw_archives, tmp_path):
    """A project whose record of WAW-TACE points to a server on this machine."""
    origin = tmp_path / "origin"
    waw_archives(origin)
    waw_sheet.to_excel(origin / waw_tace.SHEET, index=False)
    files = []
    for name in (waw_tace.SHEET, waw_tace.MASKS, *waw_tace.SCANS):
        content = (origin / name).read_bytes()
        server.files[f"api/{name}/content"] = content
        files.append(
            {
                "key": name,
                "size": len(content),
                "checksum": f"md5:{hashlib.md5(content).hexdigest()}",
                "links": {"self": f"{server.url}/api/{name}/content"},
            }
        )
    folder = project.folder / "downloads" / "waw_tace"
    folder.mkdir(parents=True)
    (folder / "record.json").write_text(json.dumps({"files": files}))
    leave_receipt(folder, "record.json")
    return project


def test_waw_tace_from_the_archive_to_a_planned_study(waw, server):
    server.cut[f"api/{waw_tace.MASKS}/content"] = [300]
    waw.snakemake(*FETCH, *overlay("waw_tace"))
    receipt = read_table(
        waw.folder / "downloads" / "waw_tace" / "receipts" / f"{waw_tace.MASKS}.tsv", "receipt"
    )
    content = server.files[f"api/{waw_tace.MASKS}/content"]
    assert receipt["size_bytes"][0] == len(content)
    assert receipt["md5"][0] == hashlib.md5(content).hexdigest()
    assert (f"api/{waw_tace.MASKS}/content", "bytes=300-") in server.fetched()
    assert waw.snakemake("-n", *FETCH, *overlay("waw_tace")).planned == {}
    planned = waw.snakemake("-n", "quality_control", *overlay("waw_tace")).planned
    assert planned["import_patient"] == 2  # one patient's masks lie on different grids
    assert "synthetic_patient" not in planned
    server.requests.clear()
    waw.snakemake(*FETCH, "--forcerun", "download_zenodo_file", *overlay("waw_tace"))
    assert server.requests == []  # a rule that runs again finds what is there


def test_a_patient_of_hcc_tace_seg_comes_from_the_store(project, server, monkeypatch):
    server.files["idc-open-data/ct/1.dcm"] = b"c" * 5000
    monkeypatch.setenv("S3_ENDPOINT_URL", server.url)
    folder = project.folder / "downloads" / "hcc_tace_seg"
    plan = pd.DataFrame(
        {
            "patient_id": ["HCC_001"],
            "series_uid": ["1.2.3"],
            "modality": ["CT"],
            "files": [1],
            "size_bytes": [5000],
            "url": ["s3://idc-open-data/ct/*"],
        }
    )
    write_table(plan, folder / "series.tsv", "idc_series")
    receipt = "downloads/hcc_tace_seg/receipts/HCC_001.tsv"
    project.snakemake(*FETCH, receipt, *overlay("hcc_tace_seg"))
    assert (folder / "dicom" / "HCC_001" / "1.2.3" / "1.dcm").stat().st_size == 5000
    assert read_table(project.folder / receipt, "receipt")["files"][0] == 1


def test_the_series_to_fetch_come_from_the_packaged_index(project):
    plan = "downloads/hcc_tace_seg/series.tsv"
    project.snakemake(*FETCH, plan, *overlay("hcc_tace_seg"))
    assert len(read_table(project.folder / plan, "idc_series")) == 394


def test_hcc_tace_seg_from_the_sheet_to_a_planned_study(project, hcc_sheet):
    folder = project.folder / "downloads" / "hcc_tace_seg"
    for patient in hcc_tace_seg.PATIENTS:
        series = folder / "dicom" / patient / "1.2.3"
        series.mkdir(parents=True)
        (series / "1.dcm").write_bytes(b"")
    hcc_sheet.to_excel(folder / hcc_tace_seg.SHEET, sheet_name="data table", index=False)
    leave_receipt(folder, hcc_tace_seg.SHEET)
    patients = "downloads/hcc_tace_seg/patients.tsv"
    project.snakemake(*FETCH, patients, *overlay("hcc_tace_seg"))
    assert read_table(project.folder / patients, "patients")["event"].sum() == 93
    planned = project.snakemake("-n", *overlay("hcc_tace_seg")).planned
    assert planned["import_patient"] == 16
