"""Answers about radiomic features."""

from dataclasses import replace

import pytest

from taceflow.report.checklist.features import (
    discretisation,
    feature_counts,
    reproducibility,
    scaling,
    selection,
)


@pytest.mark.parametrize(
    ("answer", "section", "keys", "words"),
    [
        (scaling, "dlopctr", {"standardise": False}, "embeddings are not standardised"),
        (selection, "radscore", {"family": "binomial"}, "death, yes or no, whenever it came"),
        (reproducibility, "radiomics", {"icc_threshold": 0.9}, "correlation exceeds 0.9"),
    ],
)
def test_answers_follow_the_configuration(run, changed, answer, section, keys, words):
    assert words not in answer(run).text
    assert words in answer(changed(run, section, **keys)).text


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"binWidth": 10}, "bin width of 10"),
        ({"binCount": 32}, "32 bins"),
        ({}, "bin width of 25"),
    ],
)
def test_grey_levels_are_those_of_the_panel(run, setting, words):
    panel = replace(run, panel=run.panel | {"setting": setting})
    assert words in discretisation(panel).text


def test_features_that_nobody_read_twice_are_not_called_reproducible(run):
    assert " reproducible, " in feature_counts(run).text
    icc = run.tables["icc"].assign(n_intra=0, n_inter=0)
    described = {name: one for name, one in run.described.items() if name != "network"}
    ready = replace(run, tables=run.tables | {"icc": icc}, described=described)
    assert " extracted" not in feature_counts(ready).text
    assert "that vary, their reproducibility unchecked, 30 candidates" in feature_counts(ready).text
    assert reproducibility(ready).where == "radiomics/icc.tsv"
