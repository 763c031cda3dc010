"""The documentation's pictures are those that the present code draws."""

import os
import re

import pytest
import renew


def test_pictures_are_of_the_present_figures():
    drawn = renew.recorded()
    assert drawn
    old = [figure for figure, digest in drawn.items() if digest != renew.digest(figure)]
    assert old == [], "their code changed since: make images"


def test_a_change_of_a_figure_ages_its_picture_alone():
    assert {path.name for path in renew.modules("km_dlop_combin")} >= {
        "survival_by_risk.py",
        "kaplan_meier.py",
        "style.py",
    }
    assert "nomogram.py" not in {path.name for path in renew.modules("km_dlop_combin")}
    assert {path.name for path in renew.modules("figure_s2b")} >= {"lasso_cv.py", "lettering.py"}


def test_every_picture_is_shown(root):
    pages = [root / "README.md", *root.glob("docs/*.md")]
    shown = " ".join(page.read_text(encoding="utf-8") for page in pages)
    for picture in renew.IMAGES.rglob("*.*g"):
        assert f"images/{picture.relative_to(renew.IMAGES)}" in shown


def test_the_graph_names_rules_that_exist(root):
    rules = " ".join(path.read_text() for path in root.glob("workflow/rules/*.smk"))
    graph = (renew.IMAGES / "rulegraph.svg").read_text(encoding="utf-8")
    named = set(re.findall(r"<text [^>]*>(\w+)</text>", graph)) - {"all"}
    assert len(named) > 50
    assert named <= set(re.findall(r"^ *(?:rule|checkpoint) (\w+):", rules, re.MULTILINE))


def test_old_figures_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(renew, "IMAGES", tmp_path / "images")
    for file in ("images/demo/forest.png", "figures/forest.png", "qc/index.html"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_bytes(b"")
    os.utime(tmp_path / "figures" / "forest.png", (1, 1))
    with pytest.raises(SystemExit, match="run the demo again: forest"):
        renew.renew(tmp_path)
