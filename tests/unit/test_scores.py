"""The table of established scores, and the rule that no model holds a score beside its parts."""

from itertools import combinations

import pytest

from taceflow.files.schemas import load_schema
from taceflow.scores import SCORES, parts_beside_scores


@pytest.mark.parametrize("name", SCORES)
def test_an_entry_is_whole(name):
    score = SCORES[name]
    assert score.name == name
    assert len(score.limits) == len(score.classes) - 1
    assert list(score.limits) == sorted(score.limits)
    columns = load_schema("patients")["properties"]
    assert {score.column, *score.parts} <= set(columns)
    assert score.class_column is None or score.class_column in columns


@pytest.mark.parametrize("name", SCORES)
def test_the_documentation_names_it(root, name):
    assert f"`{name}`" in (root / "docs" / "results.md").read_text()
    assert f"`{SCORES[name].column}`" in (root / "config" / "README.md").read_text()


def test_no_two_scores_share_a_name():
    for one, other in combinations(SCORES.values(), 2):
        assert {one.column, one.label}.isdisjoint({other.column, other.label})


@pytest.mark.parametrize("score", SCORES.values(), ids=list(SCORES))
def test_the_parts_of_each_score_go_and_the_score_stays(score):
    columns = ["age_years", score.column, *score.parts]
    assert parts_beside_scores(columns) == dict.fromkeys(score.parts, score.column)
    assert parts_beside_scores(["age_years", *score.parts]) == {}


def test_classes_are_made_of_their_score_and_of_its_parts():
    found = parts_beside_scores(["albi_score", "albumin_g_l", "albi_grade"])
    assert found == {"albumin_g_l": "albi_grade", "albi_score": "albi_grade"}


def test_scores_with_common_parts_stay_together():
    assert parts_beside_scores(["albi_score", "hap_score", "six_and_twelve_score"]) == {}
    found = parts_beside_scores(["hap_score", "albi_score", "tumor_size_cm", "bilirubin_umol_l"])
    assert found == {"bilirubin_umol_l": "albi_score", "tumor_size_cm": "hap_score"}
