import json

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
    table = recalibration_table(pd.DataFrame(rows))
    assert cells(table)["Radscore"] == (
        "0.60 (0.30–0.90)", "n.d. [1]", "1.00 (0.50–1.50) / 0.96", "",
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
        "recalibration": pd.DataFrame([own | versions]).drop(columns="cohort"),
        "case_mix": CASE_MIX,
        "training": TRAINING,
        "told": pd.DataFrame(told),
    }
    paths = {}
    for name, frame in frames.items():
        paths[name] = str(tmp_path / f"{name}.tsv")
        frame.to_csv(paths[name], sep="\t", index=False)
    manifest = {"name": "demo", "title": "TACE & <more>", "taceflow": "0.1.0"}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    write_validation_report(
        captions=[],
        figures=[],
        tables=paths,
        manifest=str(tmp_path / "manifest.json"),
        run="elsewhere",
        total=9,
        decimal_mark="point",
        output=str(tmp_path / "report.html"),
    )
    return (tmp_path / "report.html").read_text()


def test_the_report_names_both_studies_and_counts_its_patients(written):
    assert "<h1>External validation of TACE &amp; &lt;more&gt; (elsewhere)</h1>" in written
    assert "9 patients in the sheet, 7 included, 6 of them with a follow-up (5 deaths)" in written
    assert "1 of 2 patients lie outside the training range somewhere" in written
    assert "&lt;b&gt;none&lt;/b&gt;" in written


def test_figures_of_merit_stand_beside_those_of_the_training(written):
    part = written.partition("Harrell's C")[2] or written.partition("Harrell&#x27;s C")[2]
    row = part.partition("Radscore")[2].partition("</tr>")[0]
    # those of another external cohort, of which the bundle tells, are not these patients'
    assert row.count("0.70 (0.60–0.80)") == 1
    assert row.count("0.65 (0.60–0.80)") == 1
