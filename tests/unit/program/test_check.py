"""`taceflow check`: one page, and no other opinion than the Snakefile's."""

import os
import shutil
import subprocess
import sys
import zipfile

import pandas as pd
import pytest
import yaml

from taceflow.errors import InputError, TaceflowError
from taceflow.files.yaml_files import load_yaml
from taceflow.program.check import check_study
from taceflow.program.command import main
from taceflow.program.estimates import USUAL_SLICES, expected_cost, usual_slices
from taceflow.radiomics.panel import read_panel
from taceflow.study.plan import plan_study
from taceflow.version import VERSION

MANY = 60


@pytest.fixture
def study(own_config, tmp_path, monkeypatch):
    """A study of sixty patients, two thirds of whom died; write it again to change a table."""
    monkeypatch.chdir(tmp_path)
    tables = own_config["tables"]
    ids = [f"P{number:02d}" for number in range(1, MANY + 1)]
    sheet = pd.DataFrame(
        {
            "patient_id": ids,
            "cohort": ["training"] * 45 + ["validation"] * 15,
            "time_months": [5 + number / 2 for number in range(MANY)],
            "event": [int(number % 3 > 0) for number in range(MANY)],
            "age_years": 60,
            "albumin": 40,
            "hospital": "A",
            "notes": "good",
        }
    )
    rows = pd.DataFrame({"patient_id": ids, "phase": "arterial"})
    for patient in ids:
        for kind in ("ct", "mask"):
            (tmp_path / f"{patient}_{kind}.nii").write_text("")
    scans = rows.assign(image=[f"{one}_ct.nii" for one in ids])
    masks = rows.assign(reader=1, reading=1, mask=[f"{one}_mask.nii" for one in ids])
    for name, table in zip(tables, (sheet, scans.iloc[:-1], masks), strict=True):
        table.to_csv(tables[name], sep="\t", index=False)
    content = {
        "run": "mine",
        "tables": tables,
        "radiomics": {"panel": own_config["radiomics"]["panel"]},
    }
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(content))
    return content


def plain(text):
    return " ".join(text.split())


def test_a_study_is_told_on_one_page(study):
    page, is_right = check_study("mine.yaml")
    assert is_right
    assert len(page.splitlines()) <= 25
    told = plain(page)
    for words in (
        "mine: 60 patients in",
        "Takes part 59 patients, 59 followed, 39 died",
        "Left out 1: no arterial scan in the table of scans (P60)",
        "training 45 (30 died), validation 14 (9 died)",
        "arterial of 59 of 60 patients",
        "Masks of 60 of 60 patients (reader 1, reading 1: 60)",
        "Used age_years Only kept albumin, hospital",
        "albumin_g_l (did you mean 'albumin'?)",
        "30 deaths in training carry 3 variables",
        "No interval in training at 36 months, at 60 months",
        "Not drawn Figure S3",
        "Errors none",
        "quality_control --configfile mine.yaml",
    ):
        assert words in told, words
    assert "notes" not in told


def test_who_was_left_out_by_a_reader_is_not_counted(study, tmp_path):
    (tmp_path / "review.tsv").write_text(
        "patient_id\tverdict\treason\nP02\texclude\tno tumour\nP03\tredraw\ta vein\n"
    )
    study["tables"]["review"] = "review.tsv"
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study))
    told = plain(check_study("mine.yaml")[0])
    assert "Takes part 58 patients, 58 followed, 38 died" in told
    assert "Left out 1: no tumour (P02)" in told
    assert "To redraw 1: left out while the mask is the one that was judged (P03)" in told


def test_what_cannot_be_fitted_is_told_and_is_no_success(study, rewrite):
    rewrite(study["tables"]["patients"], lambda frame: frame.assign(event=frame.index % 20 == 0))
    page, is_right = check_study("mine.yaml")
    assert not is_right
    assert "Cannot fit the Radscore cannot be fitted: 45 training patients with 3" in plain(page)
    assert "Can fit" not in page
    assert main(["check", "mine.yaml"]) == 1


def test_a_reader_s_verdict_counts_as_it_does_in_a_run(study, tmp_path):
    (tmp_path / "review.tsv").write_text("patient_id\tverdict\treason\nP01\texclude\tno tumour\n")
    study["tables"]["review"] = "review.tsv"
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study))
    told = plain(check_study("mine.yaml")[0])
    assert "Takes part 58 patients" in told
    assert "Left out 1: no tumour (P01)" in told


def test_a_disk_that_is_too_small_is_said(study, monkeypatch):
    monkeypatch.setattr(
        "shutil.disk_usage", lambda place: shutil._ntuple_diskusage(10**9, 0, 10**8)
    )
    assert "(free here: 0 GB: TOO LITTLE)" in plain(check_study("mine.yaml")[0])


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("patients", lambda frame: frame.assign(event=2)),
        ("patients", lambda frame: frame.assign(time_months=frame["time_months"] * 30)),
        ("patients", lambda frame: frame.assign(time_months="3,5")),
        ("patients", lambda frame: frame.drop(columns="event")),
        ("patients", lambda frame: frame.assign(albumin_g_l=4.1)),
        (
            "patients",
            lambda frame: frame.assign(patient_id=frame["patient_id"].replace("P02", "P01")),
        ),
        ("patients", lambda frame: frame.assign(patient_id="P 1")),
        ("patients", lambda frame: frame.assign(first_tace_date="03/04/2020")),
        ("scans", lambda frame: frame.assign(phase="venous")),
        ("scans", lambda frame: frame.assign(image="D:\\ct")),
        ("scans", lambda frame: frame.assign(patient_id="P1")),
        ("segmentations", lambda frame: frame.assign(reader="Weber")),
        ("segmentations", lambda frame: frame.assign(mask="P01_mask.nii")),
    ],
)
def test_what_the_snakefile_refuses_stands_on_the_page_in_its_words(study, rewrite, table, change):
    rewrite(study["tables"][table], change)
    with pytest.raises(TaceflowError) as raised:
        plan_study(load_yaml("mine.yaml"), ["mine.yaml"])
    page, is_right = check_study("mine.yaml")
    assert not is_right
    assert "cannot be run yet" in page
    assert [one for one in raised.value.problems if plain(one) not in plain(page)] == []


def test_faults_of_all_tables_are_told_at_once_and_ten_at_most(study, rewrite):
    """Also where snakemake tells them."""
    tables = study["tables"]
    rewrite(tables["patients"], lambda frame: frame.assign(event=range(2, MANY + 2)))
    rewrite(tables["scans"], lambda frame: frame.assign(phase="hepatic"))
    rewrite(tables["segmentations"], lambda frame: frame.assign(reader=0.5))
    page, _ = check_study("mine.yaml")
    assert page.count("\n  - ") == 10
    assert len(page.splitlines()) < 40
    assert "P01: event: 2 is none of 0, 1 (coded 1 and 2? Then the 1s change too" in plain(page)
    with pytest.raises(InputError) as raised:
        plan_study(load_yaml("mine.yaml"))
    told = str(raised.value).split("\nError: ")
    assert [words in one for words, one in zip(("event", "phase", "reader"), told, strict=True)]


def test_files_units_and_strangers_are_told_at_once(study, rewrite):
    tables = study["tables"]
    rewrite(tables["patients"], lambda frame: frame.assign(albumin_g_l=4.1))
    rewrite(tables["scans"], lambda frame: frame.assign(image="nowhere.nii"))
    rewrite(tables["segmentations"], lambda frame: frame.replace("P07", "P77"))
    told = plain(check_study("mine.yaml")[0])
    assert "albumin_g_l': its median 4.1 is no value in g/L (g/dL are multiplied by 10)" in told
    assert "'nowhere.nii' does not exist (nor do those of 58 other rows)" in told
    assert "patient P77: is not in the table of patients" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "'mine.yaml' does not exist"),
        ("run: a\ntables: {patients: [a\n", "no valid YAML"),
        ("run: a\nrun: b\n", "the key 'run' stands twice"),
        ("just words", "this is no configuration"),
        ("", "this is no configuration"),
        ("run: a\nsurvivall: {}\n", "unknown key 'survivall'"),
        ("run: a\ntables: {patients: nowhere.tsv}\n", "'tables.scans' is missing"),
        ("run: a\ntables: my_study.xlsx\n", "'my_study.xlsx' does not exist"),
        ("tables: [a, b]\n", "'tables'"),
        ("archive: ct.zip\ntables: {workbook: my_study.xlsx}\n", "'my_study.xlsx' does not exist"),
        ("run: \xdcberleben\n".encode("cp1252"), "save it in an editor as UTF-8"),
    ],
)
def test_a_configuration_that_is_none_is_one_message(study, tmp_path, text, words):
    (tmp_path / "mine.yaml").unlink()
    if text is not None:
        (tmp_path / "mine.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
    page, is_right = check_study("mine.yaml")
    assert not is_right
    assert words in plain(page)
    assert "Traceback" not in page


def test_the_columns_are_told_beside_what_is_wrong(study, rewrite):
    rewrite(study["tables"]["patients"], lambda frame: frame.assign(event=2))
    told = plain(check_study("mine.yaml")[0])
    assert "Patients 60 rows in" in told
    assert "albumin_g_l (did you mean 'albumin'?)" in told


def test_the_program_says_its_version_and_needs_no_snakefile(tmp_path, root):
    told = subprocess.run(
        [sys.executable, "-m", "taceflow", "--version"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(root / "src")},
    )
    assert told.stdout.strip() == f"taceflow {VERSION}"


def test_time_and_disk_grow_with_patients_and_readings():
    few, many = expected_cost(80, 1, 2), expected_cost(800, 1, 2)
    assert few.minutes < many.minutes < 10 * few.minutes
    assert few.disk_gb < expected_cost(80, 3, 2).disk_gb < many.disk_gb
    # docs/performance.md: the demo, of 77 patients, small images and three readings of some
    assert few.told_time == "10 min"
    assert many.told_time == "70 min"


def test_the_size_of_the_scans_counts(tmp_path):
    for name, count in (("thin", 40), ("thick", 10)):
        for number in range(count):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / str(number)).touch()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(30):
            archive.writestr(f"{number}", "")
        archive.writestr("ct.nii", bytes(520_000))
    (tmp_path / "ct.nii").write_bytes(bytes(2_600_000))
    (tmp_path / "ct.nii.gz").write_bytes(bytes(2_600_000))
    for images, slices in (
        (["thin"], 40),
        (["thin", "thick"], 25),
        (["thin", "thin"], 20),
        (["a.zip"], 31),
        (["a.zip::ct.nii"], 1),
        (["ct.nii"], 5),
        (["ct.nii.gz"], 20),
        (["nowhere", "a.zip::nothing"], USUAL_SLICES),
        ([], USUAL_SLICES),
    ):
        assert usual_slices([f"{tmp_path}/{one}" for one in images]) == slices, images
    thick, thin = (expected_cost(100, 1, 2, slices) for slices in (60, 600))
    assert 2 * thick.minutes < thin.minutes
    assert 4 * thick.disk_gb < thin.disk_gb


@pytest.mark.parametrize("slices", [60, 130])
def test_a_patient_takes_what_was_measured(slices):
    """docs/performance.md: CPU s of import to patch, MB of volumes and resampled."""
    seconds, megabytes = {60: (6.3, 7.3 + 3.6), 130: (7.8, 15.8 + 3.0)}[slices]
    one, two = (expected_cost(count, 1, 1, slices) for count in (1, 2))
    # convolutions, and pictures and patches, come on top
    assert 60 * (two.minutes - one.minutes) - 1.6 == pytest.approx(seconds, rel=0.1)
    assert 1000 * (two.disk_gb - one.disk_gb) - 3 == pytest.approx(megabytes, rel=0.15)


def test_a_study_of_features_is_told_without_images(study, tmp_path):
    names = read_panel(study["radiomics"]["panel"]).columns
    features = pd.DataFrame(1.0, index=range(MANY - 1), columns=names)
    features.insert(0, "patient_id", [f"P{number:02d}" for number in range(1, MANY)])
    features.to_csv(tmp_path / "features.csv", index=False)
    study["tables"] = {"patients": study["tables"]["patients"], "features": "features.csv"}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study))
    page, is_right = check_study("mine.yaml")
    told = plain(page)
    assert is_right
    assert "Features of 59 of 60 patients in features.csv" in told
    assert "Left out 1: no values in the table of features (P60)" in told
    assert f"snakemake --cores {os.cpu_count()} --configfile mine.yaml" in told
    assert not {"Scans", "Masks", "Needs"} & {line.split(" ")[0] for line in page.splitlines()}


def test_a_public_cohort_that_is_not_fetched_is_told_how(root, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("waw_tace", "hcc_tace_seg"):
        page, is_right = check_study(str(root / "config" / name / "config.yaml"))
        assert not is_right
        assert f"the public cohort {name} is not fetched yet: snakemake -s workflow/" in plain(page)


def test_columns_of_a_workbook_are_told_beside_what_is_wrong(study, tmp_path):
    with pd.ExcelWriter("mine.xlsx") as writer:
        for name, path in study["tables"].items():
            table = pd.read_csv(path, sep="\t", dtype=str)
            table = table.assign(event="2") if name == "patients" else table
            table.to_excel(writer, sheet_name=name, index=False)
    for tables in ("mine.xlsx", {"workbook": "mine.xlsx"}):
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study | {"tables": tables}))
        told = plain(check_study("mine.yaml")[0])
        assert "Patients 60 rows in mine.xlsx" in told
        assert "Used age_years Only kept albumin, hospital" in told


@pytest.mark.parametrize(
    ("used", "chosen", "series_uid", "told"),
    [
        ("", "0", "", "To choose 1: no series is marked in the sheet choices, without which the"),
        ("no", "0", "", "To choose 1"),
        ("x", "0", "", ""),
        ("", "1", "", ""),
        ("", "0", "uid-0123456789abcdef", ""),
    ],
)
def test_who_still_lacks_a_chosen_series_is_told(study, tmp_path, used, chosen, series_uid, told):
    with pd.ExcelWriter("mine.xlsx") as writer:
        for name, path in study["tables"].items():
            table = pd.read_csv(path, sep="\t", dtype=str)
            if name == "scans":
                table.loc[table["patient_id"] == "P03", "series_uid"] = series_uid
            table.to_excel(writer, sheet_name=name, index=False)
        rows = [
            ("P02", "x", "0", "uid-000000000000000a"),
            ("P03", used, chosen, "uid-0123456789abcdef"),
            ("P03", "", "0", "uid-000000000000000b"),
        ]
        columns = ["patient_id", "use", "chosen", "series_uid"]
        pd.DataFrame(rows, columns=columns).to_excel(writer, sheet_name="choices", index=False)
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(study | {"tables": "mine.xlsx"}))
    page, is_right = check_study("mine.yaml")
    assert is_right
    assert ("To choose" in page) == bool(told)
    assert told in plain(page)
    assert ("(P03)" in page) == bool(told)


def test_whoever_reads_the_first_lines_alone_gets_no_error(study, tmp_path, root):
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from taceflow.program.command import main; sys.exit("
            "main(['check', 'mine.yaml']))",
        ],
        cwd=tmp_path,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
        check=False,
    )
    os.close(writing)
    assert "pipe" not in run.stderr.lower()


def test_time_is_told_in_hours_where_it_is_long():
    assert expected_cost(10_000, 1, 2).told_time == "14 h"
