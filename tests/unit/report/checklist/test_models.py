"""Answers about the models."""

from dataclasses import replace

import pytest

from taceflow.report.checklist.models import (
    building,
    candidates,
    network_spread,
    output,
    predictors,
)


@pytest.mark.parametrize(
    ("answer", "section", "keys", "words"),
    [
        (building, "dlopctr", {"head": "proportional_hazards"}, "one score an image"),
        (output, "survival", {"cut_off": "log_rank"}, "maximally selected log-rank statistic"),
    ],
)
def test_answers_follow_the_configuration(run, changed, answer, section, keys, words):
    assert words not in answer(run).text
    assert words in answer(changed(run, section, **keys)).text


def test_units_are_those_of_print(run):
    variables = [{"column": "bilirubin_umol_l", "label": "TBIL (umol/L)"}]
    chosen = run.described["clinical_variables"] | {"variables": variables}
    config = run.config | {"survival": run.config["survival"] | {"variables": variables}}
    changed = replace(
        run,
        config=config,
        described=run.described | {"clinical_variables": chosen},
        tables=run.tables | {"patients": run.tables["patients"].assign(bilirubin_umol_l=9.0)},
    )
    for said in (predictors, candidates):
        assert "TBIL (µmol/L)" in said(changed).text


def test_a_column_without_a_value_is_no_predictor_nor_is_a_network_that_is_not_there(run):
    columns = ("age_years", "mvi", "afp_ng_ml", "dlopctr")
    variables = [{"column": one, "label": one.upper()} for one in columns]
    config = run.config | {"survival": run.config["survival"] | {"variables": variables}}
    patients = run.tables["patients"].assign(age_years=60, mvi=None)
    told = replace(run, config=config, tables=run.tables | {"patients": patients})
    assert predictors(told).text == "AGE_YEARS, DLOPCTR"
    described = {name: one for name, one in run.described.items() if name != "network"}
    assert predictors(replace(told, described=described)).text == "AGE_YEARS"


def test_one_seed_is_not_called_several(run):
    assert network_spread(run).text.startswith("5 heads a fit")
    network = {"settings": {"seeds": 1}}
    alone = replace(run, described=run.described | {"network": network})
    assert "is not known" in network_spread(alone).text
