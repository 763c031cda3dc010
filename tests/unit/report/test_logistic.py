"""Logistic regressions as printed."""

import pandas as pd

from taceflow.report.manuscript import as_printed


def test_logistic_regression_as_printed(finished, cells):
    table = as_printed(finished.logistic, "logistic")
    assert cells(table) == [
        ("Death by 36 months", "", "", "", ""),
        ("ALBI score", "1.43 (1.08–1.90)", "0.012", "1.21 (0.90–1.63)", "0.200"),
        ("BCLC-B substage", "", "<0.001", "", "0.030"),
        ("BCLC-B substage: B1", "1 (reference)", "", "1 (reference)", ""),
        ("BCLC-B substage: B2", "2.50 (1.10–5.70)", "0.020", "2.20 (1.01–4.80)", "0.047"),
        ("Microvascular invasion [1]", "", "", "", ""),
        ("DLOP-CTR (per 10 points)", "0.70 (0.40–0.87)", "<0.001", "0.81 (0.68–0.96)", "0.018"),
    ]
    assert (
        "3 patients censored before took no part. Multivariable: n = 38, deaths 27."
        in table.notes[1]
    )
    assert "(DLOP-CTR: for 10 percentage points more of predicted survival)" in table.notes[0]
    assert table.notes[-2].startswith("[1] Microvascular invasion: all deaths")


def test_a_study_without_a_network_says_nothing_of_its_ratios(finished):
    for name in ("logistic", "table_s1"):
        table = finished.tables[name]
        assert "DLOP-CTR" in as_printed(table, name).notes[0]
        alone = as_printed(table[table["variable"] != "dlopctr"], name)
        assert "DLOP-CTR" not in alone.notes[0]
        assert "for one unit more of a quantity; CI" in alone.notes[0]


def test_an_empty_row_has_its_reason_at_every_horizon(finished, cells):
    later = finished.logistic.assign(horizon_months=60.0)
    table = as_printed(pd.concat([finished.logistic, later]), "logistic")
    empty = [row[0] for row in cells(table) if row[0].startswith("Microvascular")]
    assert empty == ["Microvascular invasion [1]"] * 2
    assert [note[:3] for note in table.notes].count("[1]") == 1


def test_notes_name_a_level_as_print_does_and_a_variable_once(finished):
    table = finished.logistic.copy()
    second = table["level"] == "2"
    table.loc[second, "note"] = "bclc_b_substage=2: no finite estimate"
    table.loc[table["variable"] == "albi_score", "note"] = "not in the model: albi_score: rare"
    notes = as_printed(table, "logistic").notes
    assert "[1] not in the model: ALBI score: rare" in notes
    assert "[2] BCLC-B substage B2: no finite estimate" in notes
