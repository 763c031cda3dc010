import json
import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from taceflow.bundle.training_ranges import QUANTILES
from taceflow.report.validation import (
    beside_training,
    recalibration_table,
    write_validation_report,
)

RANGES = pd.DataFrame(
    [
        {"patient_id": f"P{k}", "kind": kind, "name": name, "label": label, "value": value,
         "training": None, "place": place, "distance": np.nan}
        for kind, name, label, values in (
            ("clinical", "afp_ng_ml", "AFP (ng/mL)", [("8", "inside"), ("9000", "above")]),
            ("clinical", "sex", "Gender", [("female", "inside"), ("divers", "unknown")]),
        )
        for k, (value, place) in enumerate(values)
    ]
)  # fmt: skip
QUARTILES = {"q25": 4.0, "q50": 8.0, "q75": 16.0}
TRAINING = pd.DataFrame(
    [
        {"kind": "clinical", "name": "afp_ng_ml", "label": "AFP (ng/mL)", "n": 50, **QUARTILES},
        {"kind": "clinical", "name": "sex", "label": "Gender", "n": 50,
         "levels": json.dumps(["female", "male"]), "shares": json.dumps([0.3, 0.7])},
        {"kind": "risk", "name": "radscore", "label": "Risk by Radscore", "n": 50, **QUARTILES},
    ],
    columns=["kind", "name", "label", "n", *QUANTILES, "levels", "shares", "note"],
)  # fmt: skip
CASE_MIX = pd.DataFrame(
    [
        {"kind": "clinical", "name": "afp_ng_ml", "c": 0.75, "lower": 0.5, "upper": 0.9},
        {"kind": "clinical", "name": "sex", "c": np.nan, "lower": np.nan, "upper": np.nan},
    ]
)


def cells(table):
    return {line.cells[0]: line.cells[1:] for line in table.lines}


def test_the_training_patients_stand_beside_the_new_ones():
    found = cells(beside_training(TRAINING, RANGES, CASE_MIX))
    assert found["AFP (ng/mL)"] == (
        "8 (4–16)", "4504 (2256–6752)", "1 (50%)", "0.75 (0.50–0.90)",
    )  # fmt: skip
    assert found["Gender"][:3] == (
        "female: 0.3; male: 0.7",
        "divers: 0.50; female: 0.50",
        "1 (50%)",
    )
    assert "Risk by Radscore" not in found


def test_levels_of_both_are_in_the_same_words():
    training = TRAINING.assign(name=TRAINING["name"].replace("sex", "mvi"))
    training["levels"] = training["levels"].replace({'["female", "male"]': '["0", "1"]'})
    ranges = RANGES.assign(name=RANGES["name"].replace("sex", "mvi"))
    ranges["value"] = ranges["value"].replace({"female": "0", "divers": "1"})
    mix = CASE_MIX.assign(name=CASE_MIX["name"].replace("sex", "mvi"))
    found = cells(beside_training(training, ranges, mix))
    assert found["Gender"][:2] == ("no: 0.3; yes: 0.7", "no: 0.50; yes: 0.50")


def test_each_version_stands_beside_the_original_with_what_is_left_without_optimism():
    rows = [
        {"model": "radscore", "version": version, "metric": "calibration_slope",
         "horizon_months": np.nan, "estimate": estimate, "lower": lower, "upper": upper,
         "optimism": optimism, "n": 60, "events": 30, "note": note}
        for version, estimate, lower, upper, optimism, note in (
            ("original", 0.6, 0.3, 0.9, np.nan, None),
            ("slope", 1.0, 0.5, 1.5, 0.04, None),
            ("in_the_large", np.nan, np.nan, np.nan, np.nan, "3 deaths"),
        )
    ]  # fmt: skip
    other = rows[2] | {"model": "hap", "estimate": 0.9, "note": None}
    table = recalibration_table(pd.DataFrame([*rows, other]))
    assert cells(table)["Radscore"] == (
        "0.60 (0.30–0.90)", "n.d. [1]", "1.00 (0.50–1.50) / 0.96",
    )  # fmt: skip
    assert table.notes[-1] == "[1] 3 deaths"


@pytest.fixture
def written(tmp_path):
    patients = pd.DataFrame(
        {
            "patient_id": [f"P{k}" for k in range(7)],
            "cohort": "external",
            "time_months": [5.0, 9.0, 12.0, 20.0, 30.0, 40.0, np.nan],
            "event": [1, 1, 0, 1, 1, 1, np.nan],
        }
    )
    merit = {"metric": "c_index", "horizon_months": np.nan, "lower": 0.6, "upper": 0.8}
    merit |= {"seed_sd": np.nan, "n": 50, "events": 30, "note": None}
    told = [
        merit | {"model": "radscore", "cohort": c, "estimate": 0.7}
        for c in ("training", "external")
    ]
    own = merit | {"model": "radscore", "cohort": "external", "estimate": 0.65, "n": 6, "events": 5}
    versions = {"model": "radscore", "version": "original", "metric": "c_index", "optimism": np.nan}
    expected = own | versions | {"metric": "o_e", "horizon_months": 36.0}
    expected |= {"estimate": 1.4, "lower": 1.1, "upper": 1.8}
    frames = {
        "patients": patients,
        "exclusions": pd.DataFrame(columns=["patient_id", "stage", "reason", "remedy"]),
        "ranges": RANGES,
        "verdicts": pd.DataFrame({"patient_id": list("ab"), "verdict": ["inside", "outside"]}),
        "models": pd.DataFrame(
            [{"model": "radscore", "label": "Radscore", "patients": 7, "note": "<b>none</b>"}]
        ),
        "performance": pd.DataFrame([own]),
        "comparisons": pd.DataFrame(
            columns=["model_a", "model_b", "cohort", "difference", "lower", "upper", "p", "note"]
        ),
        "recalibration": pd.DataFrame([own | versions, expected]).drop(columns="cohort"),
        "predictions": patients[["patient_id", "cohort"]].assign(
            model="radscore", risk=1.0, risk_group=["high"] * 3 + ["low"] * 4
        ),
        "case_mix": CASE_MIX,
        "training": TRAINING,
        "told": pd.DataFrame(told),
    }
    paths = {}
    for name, frame in frames.items():
        paths[name] = str(tmp_path / f"{name}.tsv")
        frame.to_csv(paths[name], sep="\t", index=False)
    manifest = {"name": "demo", "title": "TACE & <more>", "taceflow": "0.1.0"}
    manifest |= {"convolutions": {"source": "random"}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    write_validation_report(
        captions=[],
        figures=[],
        tables=paths,
        manifest=str(tmp_path / "manifest.json"),
        run="elsewhere",
        total=9,
        decimal_mark="point",
        is_synthetic=True,
        output=str(tmp_path / "report.html"),
    )
    return (tmp_path / "report.html").read_text()


def test_the_report_names_both_studies_and_counts_its_patients(written):
    assert "<h1>External validation of TACE &amp; &lt;more&gt; (elsewhere)</h1>" in written
    assert "9 patients in the sheet, 7 included, 6 of them followed (5 deaths)" in written
    assert "&lt;b&gt;none&lt;/b&gt;" in written


def test_figures_of_merit_stand_beside_those_of_the_training(written):
    part = written.partition("Models side by side</caption>")[2]
    row = part.partition("Radscore")[2].partition("</tr>")[0]
    assert row.count("0.70 (0.60–0.80)") == 2
    assert row.count("0.65 (0.60–0.80)") == 1
    # another external cohort, of which the bundle tells, is not these patients
    heads = written.partition("Models side by side</caption>")[2].partition("</thead>")[0]
    assert re.findall(r">([^<(]+) \(n =", heads) == [
        "Training, of the bundle",
        "External, of the bundle",
        "External: these patients",
    ]


def test_the_result_stands_first_and_what_speaks_against_it_after(written):
    story = " ".join(unescape(re.sub(r"<[^>]+>", " ", written.partition("<h2>")[2])).split())
    assert story.startswith(
        "Result Harrell's C of Radscore, the final model of the bundle TACE & <more>, is 0.65 (95% "
        "CI 0.60–0.80) in the external cohort (n = 6, deaths 5). 5 deaths in the external cohort "
        "are too few to judge a model by. The bundle tells 0.70 (95% CI 0.60–0.80) in its external "
        "cohort (n = 50, deaths 30). Observed deaths over expected ones are 1.40 (95% CI "
        "1.10–1.80) by 36 months; more died than it predicts."
    )
    warned = re.findall(r'class="banner"><strong>([^<]+)\.<', written)
    assert warned == [
        "Made-up patients",
        "Random convolutions",
        "Few deaths in the external cohort",
        "Other patients than those of the training",
        "Not all patients",
    ]
    assert "1 of 2 patients lies outside the training range somewhere (first: AFP" in story
    assert "3 of 9 patients in the sheet are not among those that the models are" in story


def test_versions_that_were_made_of_no_model_are_named_once():
    row = {"model": "radscore", "metric": "c_index", "horizon_months": np.nan, "estimate": 0.6,
           "lower": 0.5, "upper": 0.7, "optimism": np.nan, "note": None}  # fmt: skip
    none = row | {"version": "slope", "estimate": np.nan, "note": "not done: 3 deaths"}
    table = recalibration_table(pd.DataFrame([row | {"version": "original"}, none]))
    assert table.columns == ("", "Original")
    assert "Made of no model: in the large, slope, both;" in " ".join(table.notes)


@pytest.mark.parametrize("width", [360, 1200])
def test_axe_finds_nothing(written, tmp_path, browser, accessibility, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((tmp_path / "report.html").as_uri())
    assert accessibility(page) == []
    page.close()
