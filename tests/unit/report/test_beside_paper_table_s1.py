"""Hazard ratios in print beside those of the run."""

import pandas as pd

from taceflow.report.beside_paper_table_s1 import table_s1_rows


def test_printed_and_own_hazard_ratios_stand_side_by_side(printed, finished, one):
    rows = list(table_s1_rows(printed, finished.tables["table_s1"]))
    own = finished.tables["table_s1"]
    albi = one(rows, part="table_s1_univariate", item="albi_score")
    assert (albi["printed"], albi["printed_lower"], albi["printed_upper"]) == (2.125, 1.618, 2.791)
    assert albi["printed_p"] == "< 0.0001"
    assert albi["run"] == own.loc[own["variable"] == "albi_score", "hr_uni"].item()
    assert albi["n"] == own.loc[own["variable"] == "albi_score", "n"].item()


def test_print_that_contradicts_itself_is_said_to(printed, finished, one):
    rows = list(table_s1_rows(printed, finished.tables["table_s1"]))
    right = one(rows, part="table_s1_univariate", item="tumor_location", level="right")
    assert "the ratio lies outside its interval" in right["remark"]
    second = one(rows, part="table_s1_univariate", item="bclc_b_substage", level="2")
    assert "p is above 0.05 and the interval does not hold 1" in second["remark"]
    contradicted = {row["item"] for row in rows if "as printed" in (row["remark"] or "")}
    assert contradicted == {"tumor_location", "bclc_b_substage"}


def test_a_factor_of_two_levels_meets_its_single_printed_row(printed, one):
    own = {"variable": "sex", "note": None, "n": 50, "events": 30, "n_multi": None}
    own |= {"events_multi": None, "hr_uni": 1.4, "lower_uni": 0.5, "upper_uni": 3.6, "p_uni": 0.5}
    own |= {f"{key}_multi": None for key in ("hr", "lower", "upper", "p")}
    run = pd.DataFrame([own | {"level": "female", "note": "reference"}, own | {"level": "male"}])
    row = one(table_s1_rows(printed, run), part="table_s1_univariate", item="sex")
    assert (row["level"], row["printed"], row["run"]) == ("male", 1.0, 1.4)
