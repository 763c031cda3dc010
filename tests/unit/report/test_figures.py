"""The report's figures: captions, and the patients behind each."""

from types import SimpleNamespace

import pytest
from jinja2 import Environment

from taceflow.report.figures import report_figures


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("Clinical", "training cohort they show fit, not performance."),
        ("DLOP-CTR", "their curves are cross-validated by patient."),
        ("dlop_combin", "their curves are cross-validated by patient."),
        ("DLOP-Cox", "though to their DLOP-CTR out of fold."),
    ],
)
def test_roc_captions_say_what_holds_for_the_model(root, model, words):
    text = (root / "workflow" / "report" / "roc.rst").read_text(encoding="utf-8")
    wildcards = SimpleNamespace(model=model)
    template = Environment().from_string(text)
    found = template.render(snakemake=SimpleNamespace(wildcards=wildcards, config={}))
    applied = SimpleNamespace(wildcards=wildcards, config={"model": "bundle.zip"})
    assert "raining" not in template.render(snakemake=applied)
    assert found.strip().endswith(words)
    assert "\n" not in found.strip()
    assert ("fit, not performance" in found) == (model in ("Clinical", "DLOP-Cox"))


def test_behind_a_figure_stand_the_sheet_the_cohort_or_the_training_patients(finished, tmp_path):
    names = ("figure_s1", "figure_s2b", "roc_radscore", "roc_clinical")
    paths = [tmp_path / f"{name}.svg" for name in names]
    for path in paths:
        path.write_text('<svg width="144pt">\n</svg>')
    captions = {"roc": "Curves of {{ snakemake.wildcards.model }}."}
    found = report_figures([str(path) for path in paths], captions, finished.patients, 63)
    figures = [one for section in found.values() for kind in section.values() for one in kind]
    by_name = {one.name: one for one in figures}
    assert set(by_name) == set(names)
    deaths = finished.patients["event"].sum()
    training = finished.patients.loc[finished.patients["cohort"] == "training", "event"].sum()
    everybody = f"(63 in the sheet; n = 60, deaths {deaths})"
    assert by_name["figure_s1"].caption.strip() == everybody
    assert by_name["figure_s2b"].caption.strip() == f"(n = 40, deaths {training})"
    radscore = by_name["roc_radscore"]
    assert radscore.caption == f"Curves of Radscore. (n = 60, deaths {deaths})"
    assert radscore.title.endswith(", Radscore")
    assert radscore.width_mm == pytest.approx(50.8)
    # models of one figure side by side, in the study's order
    beside = next(kind for section in found.values() for kind in section.values() if len(kind) > 1)
    assert [one.name for one in beside] == ["roc_clinical", "roc_radscore"]
