"""What the text of a run cites."""

import re

import pytest

from taceflow.report.references import _WORKS, cited, uncited


def test_works_are_numbered_as_they_are_met():
    texts = ["CT (PyRadiomics [@pyradiomics]).", "LASSO [@lasso_cox, pyradiomics], Cox [@cox]."]
    told, works = cited(texts)
    assert told == ["CT (PyRadiomics [1]).", "LASSO [1, 2], Cox [3]."]
    assert [work.split()[0] for work in works] == ["van", "Simon", "Cox"]
    assert "e104\N{EN DASH}e107" in works[0]
    assert uncited(texts[1]) == "LASSO, Cox."


def test_what_is_not_known_is_an_error():
    with pytest.raises(KeyError, match="nobody"):
        cited(["As said [@nobody]."])


def test_each_work_is_cited_somewhere_and_each_citation_is_known(root):
    texts = [path.read_text() for path in (root / "src/taceflow/report").glob("*.py")]
    names = {
        name
        for text in texts
        for marks in re.findall(r"\[@([a-z_, ]+)\]", text)
        for name in marks.split(", ")
    }
    # two families and two kinds of weights choose theirs by name
    names |= {"lasso_cox", "scikit_survival", "lasso_binomial", "resnet", "imagenet"}
    assert names - {"name", "other", "work"} == set(_WORKS)
