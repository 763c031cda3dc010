"""The checklists: every item of the guidelines, answered from the run or left to the author."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from taceflow.errors import InputError
from taceflow.files.schemas import validate_table
from taceflow.report.checklist.fill import answers, fill
from taceflow.report.checklist.finished_run import Run
from taceflow.report.checklist.models import candidates, predictors
from taceflow.report.checklist.printed import printed_checklist
from taceflow.report.checklist.study import missing

ITEMS = {"TRIPOD+AI": 52, "CLEAR": 58, "METRICS": 30}
"""Items, TRIPOD+AI with its letters: Collins 2024, Kocak 2023, Kocak 2024."""

PANEL = {
    "setting": {"binWidth": 25},
    "imageType": {"Original": {}, "LoG": {"sigma": [2.0]}},
    "featureClass": {"shape": None, "glcm": None},
}

_DEMO = yaml.safe_load(
    (Path(__file__).parents[3] / "config" / "config.yaml").read_text(encoding="utf-8")
)
CONFIG = _DEMO | {
    "tables": _DEMO["tables"] | {"patients": "/home/somebody/patients.tsv"},
    "radiomics": _DEMO["radiomics"] | {"panel": "/home/somebody/panel.yaml"},
    "survival": _DEMO["survival"]
    | {"variables": [{"column": "albi_score", "label": "ALBI score"}]},
}


@pytest.fixture
def items(root):
    """The items as the project keeps them."""
    path = root / "workflow" / "resources" / "checklists.tsv"
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


@pytest.fixture
def run(finished):
    """A run with images."""
    tables = {name: finished.tables[name] for name in ("icc", "table_1", "performance")}
    tables |= {"patients": finished.patients, "exclusions": finished.exclusions}
    tables["acquisition"] = pd.DataFrame(
        {"patient_id": ["P001", "P002"], "deviations": ["x", None]}
    )
    model = {"n": 40, "events": 28, "cut_off": 0.1}
    described = {
        "radscore": finished.described["radscore"] | {"candidates": 30, "lambda": 0.1, "note": ""},
        "clinical_variables": {
            "variables": [],
            "candidates": 7,
            "selection": "univariate p < 0.05",
        },
        "models": {"clinical": model, "dlopctr": model},
        "network": {"settings": {"epochs": 500, "seeds": 5}},
        "backbone": {"source": "random"},
    }
    versions = {"pyradiomics-bhklab": "3.1.4"}
    return Run(
        CONFIG,
        PANEL,
        total=63,
        is_synthetic=False,
        tables=tables,
        described=described,
        versions=versions,
    )


def answer(table, guideline, item):
    """Return one row."""
    return table[(table["guideline"] == guideline) & (table["item"] == item)].iloc[0]


def test_every_item_is_there_once(items):
    assert items.groupby("guideline").size().to_dict() == ITEMS
    assert not items.duplicated(["guideline", "item"]).any()
    for guideline in ("CLEAR", "METRICS"):
        numbers = items.loc[items["guideline"] == guideline, "item"].astype(int).tolist()
        assert numbers == list(range(1, ITEMS[guideline] + 1))


def test_every_answer_is_asked_for(items):
    assert set(items["answer"]) - {""} == set(answers())


def test_numbers_are_those_of_the_run(items, run):
    table = fill(items, run)
    validate_table(table, "checklist", source="made")
    deaths = int(run.cohorts()["training"]["event"].sum())
    size = answer(table, "TRIPOD+AI", "10")
    assert size["answer"].startswith(f"{deaths} deaths among 40 training patients")
    assert f"{deaths / 7:.2g} a candidate of 7 clinical variables" in size["answer"]
    assert "3 of 63 patients" in answer(table, "CLEAR", "11")["answer"]
    assert "1 (50%) differ" in answer(table, "METRICS", "6")["answer"]
    assert "pyradiomics-bhklab 3.1.4" in answer(table, "METRICS", "12")["answer"]
    assert "epochs 500" in answer(table, "CLEAR", "35")["answer"]


def test_what_no_workflow_can_know_is_the_authors(items, run):
    table = fill(items, run)
    ethics = answer(table, "TRIPOD+AI", "17")
    assert (ethics["status"], ethics["answer"]) == ("author", None)
    assert answer(table, "TRIPOD+AI", "11")["status"] == "partly"
    assert answer(table, "METRICS", "22")["status"] == "run"


def test_a_run_without_images_leaves_imaging_to_the_author(items, run):
    tables = {name: table for name, table in run.tables.items() if name != "acquisition"}
    described = {k: v for k, v in run.described.items() if k not in ("network", "backbone")}
    table = fill(items, replace(run, tables=tables, described=described))
    assert answer(table, "CLEAR", "22")["status"] == "author"
    assert "DLOP-CTR:" not in answer(table, "TRIPOD+AI", "12c")["answer"]


def test_no_path_of_the_user_is_printed(items, run):
    assert "/home" not in fill(items, run).to_csv()


def test_an_unknown_answer_is_an_error(items, run):
    with pytest.raises(InputError, match="no answer is called 'luck'"):
        fill(items.assign(answer="luck"), run)


def test_print_counts_what_the_run_said(items, run):
    printed = printed_checklist(fill(items, run), "Checklists")
    heads = [line.cells[0] for line in printed.lines if not line.indent]
    assert [head.split(":")[0] for head in heads] == list(ITEMS)
    assert len(printed.lines) == sum(ITEMS.values()) + 3


def test_units_of_the_answers_are_those_of_print(run):
    variables = [{"column": "bilirubin_umol_l", "label": "TBIL (umol/L)"}]
    survival = CONFIG["survival"] | {"variables": variables}
    described = run.described | {
        "clinical_variables": run.described["clinical_variables"] | {"variables": variables}
    }
    table = run.tables["table_1"].assign(label="TBIL (umol/L)", missing_training=2)
    changed = replace(
        run,
        config=CONFIG | {"survival": survival},
        described=described,
        tables=run.tables | {"table_1": table},
    )
    for said in (predictors, candidates, missing):
        assert "TBIL (µmol/L)" in said(changed).text


def changed(run, section, **keys):
    """The run with other keys in a section of its configuration."""
    return replace(run, config=run.config | {section: run.config[section] | keys})


@pytest.mark.parametrize(
    ("name", "section", "keys", "words"),
    [
        ("building", "dlopctr", {"head": "proportional_hazards"}, "one score an image"),
        ("scaling", "dlopctr", {"standardise": False}, "embeddings are not standardised"),
        ("missing", "survival", {"missing": "impute"}, "Table S1 alone imputes gaps (20 tables"),
        ("output", "survival", {"cut_off": "log_rank"}, "maximally selected log-rank statistic"),
        ("resampling", "imaging", {"mask_interpolation": "linear"}, "linear interpolation cut at"),
        ("selection", "radscore", {"family": "binomial"}, "death, yes or no, whenever it came"),
        ("split", "split", {"seed": 9}, "a hash of seed 9"),
        ("reproducibility", "radiomics", {"icc_threshold": 0.9}, "correlation exceeds 0.9"),
    ],
)
def test_answers_follow_the_configuration(run, name, section, keys, words):
    assert words not in answers()[name](run).text
    assert words in answers()[name](changed(run, section, **keys)).text


def test_one_seed_is_not_called_several(run):
    assert answers()["network_spread"](run).text.startswith("5 heads a fit")
    network = {"settings": {"seeds": 1}}
    alone = replace(run, described=run.described | {"network": network})
    assert "is not known" in answers()["network_spread"](alone).text


def test_bad_input_that_stops_the_run(run):
    assert "is excluded with the reason" in answers()["bad_input"](run).text
    failing = replace(run, config=run.config | {"on_bad_input": "fail"})
    assert "stops the run" in answers()["bad_input"](failing).text


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"binWidth": 10}, "bin width of 10"),
        ({"binCount": 32}, "32 bins"),
        ({}, "bin width of 25"),
    ],
)
def test_grey_levels_are_those_of_the_panel(run, setting, words):
    panel = replace(run, panel=PANEL | {"setting": setting})
    assert words in answers()["discretisation"](panel).text


def test_an_external_cohort_is_compared_and_its_gaps_are_counted(run):
    patients = run.tables["patients"].copy()
    patients.loc[50:, "cohort"] = "external"
    table = run.tables["table_1"].assign(p_external=[0.001, 0.5, None], missing_external=4)
    both = replace(run, tables=run.tables | {"table_1": table, "patients": patients})
    text = answers()["baseline"](both).text
    assert "training beside validation and external" in text
    assert "external: Age (years) with p < 0.05" in text
    assert "Age (years) 5" in answers()["missing"](both).text


def test_a_run_without_images_speaks_of_no_network_and_no_mask(items, run):
    tables = {name: table for name, table in run.tables.items() if name != "acquisition"}
    described = {k: v for k, v in run.described.items() if k not in ("network", "backbone")}
    described["models"] = {"clinical": run.described["models"]["clinical"]}
    performance = tables["performance"]
    tables["performance"] = performance[performance["model"] == "clinical"]
    tables["icc"] = tables["icc"].assign(n_intra=0, n_inter=0)
    config = run.config | {"tables": {"patients": "p.tsv", "features": "f.csv"}}
    ready = replace(run, tables=tables, described=described, config=config)
    table = fill(items, ready).fillna("")
    for row in table.to_dict("records"):
        said = f"{row['answer']} {row['where']}".lower().replace("no network in this run", "")
        for word in ("network", "dlop", "mask", "reader ", "qc/", "resampled/"):
            assert word not in said, row
    published = ready.config | {"radscore": ready.config["radscore"] | {"family": "published"}}
    where = fill(items, replace(ready, config=published))["where"].fillna("")
    assert not where.str.contains("radscore/(?:path|cv)").any()
