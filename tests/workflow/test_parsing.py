"""Dry runs of every configuration, and bad input refused before any job starts."""

import re

import pandas as pd
import pytest


def dry_run(project, *arguments, status=0):
    return project.snakemake("-n", *arguments, status=status)


def refused(project, *arguments):
    """The message of a call that must fail without a job."""
    result = dry_run(project, *arguments, status=1)
    assert "Traceback" not in result.output
    assert "Job stats" not in result.output
    assert not (project.folder / "results" / "demo" / "volumes").exists()
    return " ".join(result.output.split())


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--configfile", "tiny.yaml"),
        ("--configfile", "config/null.yaml"),
        ("--config", "radscore={family: published}"),
        ("--config", "radscore={family: binomial}"),
        ("--config", "dlopctr={protocol: paper, head: proportional_hazards, device: cuda}"),
        ("--config", "dlopctr={learning_rate: pre_experiment}"),
    ],
)
def test_each_configuration_plans_its_jobs(project, options):
    output = dry_run(project, *options).output
    assert "synthetic_patient" in output
    assert "cohort" in output


def test_the_picture_of_the_rules_is_of_the_present_ones(root, project):
    """Else: make images. What is planned once the images are read is not known before."""
    picture = (root / "docs" / "images" / "rulegraph.svg").read_text()
    shown = set(re.findall(r"<text[^>]*>(\w+)", picture))
    files = [root / "workflow" / "Snakefile", *(root / "workflow" / "rules").glob("*.smk")]
    rules = [re.findall(r"(?m)^ *(?:rule|checkpoint) (\w+):", file.read_text()) for file in files]
    assert shown <= {rule for found in rules for rule in found}
    assert set(dry_run(project).planned) <= shown


@pytest.mark.parametrize(
    ("profile", "plugin", "told"),
    [
        ("slurm", "snakemake_executor_plugin_slurm", ("--config", "patients_per_job=50")),
        (
            "generic",
            "snakemake_executor_plugin_cluster_generic",
            ("--config", "patients_per_job=50"),
        ),
        ("gpu", "snakemake", ()),
    ],
)
def test_each_profile_plans_the_same_jobs(project, profile, plugin, told):
    pytest.importorskip(plugin)
    planned = dry_run(project, "--profile", f"profiles/{profile}").planned
    assert planned == dry_run(project, *told).planned
    assert planned["import_patient"] == (2 if told else 8)


def test_a_job_knows_how_often_it_was_sent_to_a_cluster(project):
    told = 'include: "workflow/rules/package.smk"\nprint("sent", os.environ["TACEFLOW_ATTEMPT"])\n'
    (project.folder / "told.smk").write_text(told)
    for words, attempt in (((), 1), (("--attempt", "2"), 2)):
        assert f"sent {attempt}" in dry_run(project, "-s", "told.smk", *words).output


def test_the_root_and_the_catalog_entry_plan_the_same(project):
    root = dry_run(project).planned
    entry = dry_run(project, "-s", "workflow/Snakefile").planned
    assert root == entry
    assert root["synthetic_patient"] == 8


def test_what_a_configuration_leaves_out_is_the_same_in_every_way_of_running(project):
    mine = "run: mine\nsynthetic: {patients: 70}\ndlopctr: {folds: 2}\nradscore:\n"
    elsewhere = project.folder / "elsewhere"
    elsewhere.mkdir()
    for folder in (project.folder, elsewhere):
        (folder / "mine.yaml").write_text(mine)
    module = """configfile: "mine.yaml"
module taceflow:
    snakefile: "../workflow/Snakefile"
    config: config
use rule * from taceflow
"""
    (elsewhere / "Snakefile").write_text(module)
    option = ("--configfile", "mine.yaml")
    inside = dry_run(project, *option).planned
    assert inside["synthetic_patient"] == 8
    project.folder = elsewhere
    assert dry_run(project).planned == inside
    assert dry_run(project, "-s", "../workflow/Snakefile", *option).planned == inside


def test_everything_about_the_radscore_reads_harmonised_features_where_they_are_asked_for(project):
    assert "harmonise_features" not in dry_run(project).planned
    asked = dry_run(project, "--config", "radiomics={harmonise: {by: sex}}")
    assert asked.planned["harmonise_features"] == 1
    reads = "another job: .*radscore/harmonised.parquet"
    jobs = re.split(r"\n(?=Job \d+: )", asked.output)
    readers = [job.split(": ", 1)[1] for job in jobs if re.search(reads, job)]
    for words in (
        *("Fitting the Radscore", "Counting how often resamples", "Applying the Radscore"),
        *("Drawing Figure S2 C", "Drawing Figure S2 D"),
    ):
        assert any(reader.startswith(words) for reader in readers), words


def test_one_figure_can_be_asked_for(project):
    output = dry_run(project, "results/demo/tables/table_s1.tsv").output
    assert "cohort" in output


@pytest.fixture
def own_data(project):
    """Three tables of a user's own, and the options that point to them."""
    folder = project.folder / "my"
    folder.mkdir()
    ids = [f"P{number}" for number in range(1, 41)]
    for one in ids:
        for kind in ("ct", "mask"):
            (folder / f"{one}_{kind}.nii.gz").write_bytes(b"")
    tables = {
        "patients": pd.DataFrame({"patient_id": ids, "time_months": 3.0, "event": 1}),
        "scans": pd.DataFrame({"patient_id": ids, "phase": "arterial"}).assign(
            image=[f"my/{one}_ct.nii.gz" for one in ids]
        ),
        "segmentations": pd.DataFrame(
            {"patient_id": ids, "phase": "arterial", "reader": 1, "reading": 1}
        ).assign(mask=[f"my/{one}_mask.nii.gz" for one in ids]),
    }

    def write(**changes):
        for name, table in (tables | changes).items():
            table.to_csv(folder / f"{name}.tsv", sep="\t", index=False)
        paths = ", ".join(f"{name}: my/{name}.tsv" for name in tables)
        return ("--config", f"tables={{{paths}}}", "run=mine")

    return write, tables


def test_own_tables_need_no_synthetic_cohort(project, own_data):
    write, _ = own_data
    output = dry_run(project, *write()).output
    assert "import_patient" in output
    assert "synthetic" not in output


def planned(result):
    """Jobs by rule."""
    return {name: int(count) for name, count in re.findall(r"(?m)^(\w+) +(\d+)$", result.output)}


def test_one_workbook_plans_what_three_tables_do(project, own_data):
    """With dates in place of months, as `taceflow init` leaves it."""
    write, tables = own_data
    of_tables = planned(dry_run(project, *write()))
    sheet = tables["patients"].drop(columns="time_months")
    dated = sheet.assign(first_tace_date="2020-01-01", last_contact_or_death_date="2020-04-01")
    with pd.ExcelWriter(project.folder / "mine.xlsx") as book:
        for name, table in (tables | {"patients": dated}).items():
            table.to_excel(book, sheet_name=name, index=False)
    of_workbook = planned(dry_run(project, "--config", "tables=mine.xlsx", "run=mine"))
    assert of_workbook == of_tables
    assert of_workbook["import_patient"] > 0


def test_faults_of_several_tables_are_told_at_once(project, own_data):
    write, tables = own_data
    changed = {
        "patients": tables["patients"].assign(event=2),
        "scans": tables["scans"].assign(phase="hepatic"),
    }
    message = refused(project, *write(**changed))
    assert "event: 2 is none of" in message
    assert "'hepatic' is none of" in message
    assert "common.smk" not in message


@pytest.mark.parametrize(
    ("table", "column", "values", "words"),
    [
        ("patients", "event", [1, 2, 0], ["P2", "event"]),
        ("patients", "time_months", [3.0, 4.0, -5.0], ["P3", "time_months"]),
        ("patients", "patient_id", ["P1", "P1", "P3"], ["P1", "more than one row"]),
        ("scans", "image", ["my/P1_ct.nii.gz", "my/none", "my/P3_ct.nii.gz"], ["P2", "my/none"]),
        ("segmentations", "patient_id", ["P1", "P2", "P99"], ["P99", "not in the table"]),
        ("segmentations", "reader", ["one", 1, 1], ["reader", "one"]),
    ],
)
def test_bad_tables_are_refused_before_any_job(project, own_data, table, column, values, words):
    write, tables = own_data
    kept = tables[table][column].tolist()[len(values) :]
    changed = tables[table].assign(**{column: values + kept})
    message = refused(project, *write(**{table: changed}))
    assert all(word in message for word in words), message
    # the message alone, without a file of the workflow's as the place to look at
    assert "common.smk" not in message
    assert "Snakefile" not in message


def test_too_few_deaths_are_told_before_any_job(project, own_data):
    write, tables = own_data
    few = tables["patients"].assign(event=[1] * 9 + [0] * 31)
    message = refused(project, *write(patients=few))
    assert "deaths, and 10 folds need at least 20 deaths" in message
    assert "my/patients.tsv" in message
    # who only wants to see the images can
    assert "import_patient" in dry_run(project, "quality_control", *write(patients=few)).output


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("radscor={family: cox}", ["unknown key", "radscor"]),
        ("radscore={fold: 5}", ["unknown key", "radscore.fold"]),
        ("dlopctr={epochs: soon}", ["dlopctr.epochs", "soon"]),
        ("split={validation_fraction: 1.5}", ["split.validation_fraction"]),
    ],
)
def test_bad_keys_are_refused_before_any_job(project, option, words):
    message = refused(project, "--config", option)
    assert all(word in message for word in words), message


def test_a_missing_panel_is_refused_before_any_job(project):
    message = refused(project, "--config", "radiomics={panel: config/none.yaml}")
    assert "config/none.yaml" in message
