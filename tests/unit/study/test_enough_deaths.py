"""Too few deaths for what is asked: known from the table of patients."""

import numpy as np
import pandas as pd
import pytest
import yaml

from taceflow.errors import InputError
from taceflow.study.enough_deaths import too_small_for
from taceflow.study.plan import plan_study


@pytest.fixture
def config(root):
    content = yaml.safe_load((root / "config" / "config.yaml").read_text())
    content["split"]["validation_fraction"] = 0
    content["radscore"]["folds"] = 5
    return content


def patients(deaths, alive, **columns):
    n = deaths + alive
    table = {
        "patient_id": [f"P{number}" for number in range(n)],
        "time_months": [float(1 + number % 30) for number in range(n)],
        "event": [1] * deaths + [0] * alive,
    }
    return pd.DataFrame(table | columns)


@pytest.mark.parametrize(
    ("deaths", "settings", "expected"),
    [
        (10, {}, {}),
        (9, {}, {"radscore": "with 9 deaths, and 5 folds need at least 10 deaths"}),
        (19, {"folds": 10}, {"radscore": "with 19 deaths, and 10 folds need at least 20"}),
        (9, {"family": "published"}, {}),
        (12, {"family": "binomial", "horizon_months": 8}, {"radscore": "8 deaths up to 8 months"}),
    ],
)
def test_the_radscore_needs_deaths(config, deaths, settings, expected):
    config["radscore"] |= settings
    found = too_small_for(config, patients(deaths, 40), "p.tsv", {})
    assert found.keys() == expected.keys()
    for stage, words in expected.items():
        assert words in found[stage]
        assert "[p.tsv]" in found[stage]


def test_the_binomial_radscore_needs_survivors(config):
    config["radscore"] |= {"family": "binomial"}
    assert (
        "7 of 37 training patients survived"
        in too_small_for(config, patients(30, 7), "p", {})["radscore"]
    )
    assert too_small_for(config, patients(30, 8), "p", {}) == {}


@pytest.mark.parametrize(
    ("deaths", "folds", "enough"), [(4, 5, False), (5, 5, True), (2, 2, False), (4, 2, True)]
)
def test_the_network_needs_a_death_in_each_fold(config, deaths, folds, enough):
    config["radscore"]["family"] = "published"
    config["dlopctr"]["folds"] = folds
    found = too_small_for(config, patients(deaths, 40), "p.tsv", {})
    assert (found == {}) is enough
    if not enough:
        assert f"with {deaths} deaths, and {folds} folds need at least" in found["dlopctr"]


def test_a_horizon_beyond_all_follow_up_is_told(config):
    config["dlopctr"]["horizon_months"] = 32
    assert (
        "the longest follow-up of the training patients 30"
        in too_small_for(config, patients(30, 30), "p", {})["dlopctr"]
    )
    config["dlopctr"]["horizon_months"] = 30
    assert too_small_for(config, patients(30, 30), "p", {}) == {}


def test_only_training_patients_count(config):
    cohort = ["validation"] * 15 + ["training"] * 45
    assert "radscore" in too_small_for(config, patients(20, 40, cohort=cohort), "p", {})
    config["split"]["validation_fraction"] = 0.9
    assert "radscore" in too_small_for(config, patients(20, 40), "p", {})


def test_stopping_on_nobody_is_told(config):
    config["dlopctr"]["protocol"] = "paper"
    assert "'validation'" in too_small_for(config, patients(30, 30), "p", {})["dlopctr"]


def test_who_is_left_out_by_the_tables_is_told(config):
    excluded = dict.fromkeys(("Q1", "Q2"), ("imaging", "no arterial scan", "Add it"))
    found = too_small_for(config, patients(0, 0), "p.tsv", excluded)
    assert "0 training patients with 0 deaths" in found["radscore"]
    assert found["radscore"].endswith("; excluded by them are 2 for: no arterial scan")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda sheet: sheet.head(0), "no patient.*Write one row"),
        (lambda sheet: sheet.assign(event=np.nan), "both time_months and event.*Fill in"),
        (lambda sheet: sheet.assign(cohort="validation"), "cohort 'training'.*leave the cells"),
        (
            # nobody of the training cohort has follow-up
            lambda sheet: sheet.assign(cohort=["external", "training"] + ["validation"] * 3),
            "cohort 'training'",
        ),
    ],
)
def test_a_sheet_that_leaves_nobody_to_fit_is_refused(own_config, change, words, rewrite):
    for name in ("scans", "segmentations"):
        rewrite(own_config["tables"][name], lambda table: table[table["patient_id"] == "none"])
    rewrite(own_config["tables"]["patients"], change)
    with pytest.raises(InputError, match=words) as raised:
        plan_study(own_config)
    assert own_config["tables"]["patients"] in str(raised.value)
