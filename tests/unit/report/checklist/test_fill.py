"""The checklists: every item of the guidelines, answered from the run or left to the author."""

from dataclasses import replace

import pytest

from taceflow.errors import InputError
from taceflow.files.schemas import validate_table
from taceflow.report.checklist.fill import answers, fill

ITEMS = {"TRIPOD+AI": 52, "CLEAR": 58, "METRICS": 30}
"""Items, TRIPOD+AI with its letters: Collins 2024, Kocak 2023, Kocak 2024."""


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
