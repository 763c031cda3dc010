"""What all printed tables share: footnotes, rows that are printed, patients behind them."""

import numpy as np
import pandas as pd

from taceflow.wording.printed_table import Footnotes, patients_behind, ratio_cells, with_values


def test_a_footnote_is_written_once_and_in_the_words_of_print():
    notes = Footnotes({"albumin_g_l": "ALB (g/L)"})
    marks = [notes.mark(note) for note in ("albumin_g_l: rare", None, np.nan, "reference", "few")]
    assert marks == [" [1]", "", "", "", " [2]"]
    assert notes.mark("albumin_g_l: rare") == " [1]"
    assert notes.texts == ("[1] ALB (g/L): rare", "[2] few")


def test_variables_of_which_nobody_has_a_value_are_not_printed():
    table = pd.DataFrame({"variable": ["mvi", "mvi", "sex", "age"], "n": [0, 3, 0, np.nan]})
    assert with_values(table)["variable"].tolist() == ["mvi", "mvi"]
    by_cohort = pd.DataFrame({"variable": ["sex", "age"], "n_training": 0, "n_external": [0, 2]})
    assert with_values(by_cohort)["variable"].tolist() == ["age"]


def test_patients_behind_a_column_are_a_range_where_they_differ():
    table = pd.DataFrame({"n": [98, 101, 0], "events": [60, 60, 0], "n_multi": [90.0, None, None]})
    assert patients_behind(table, "") == "n = 98–101, deaths 60"
    table["events_multi"] = [55.0, None, None]
    assert patients_behind(table, "_multi") == "n = 90, deaths 55"
    assert patients_behind(table.assign(n_multi=np.nan), "_multi") == ""


def test_a_ratio_alone_and_together_with_others():
    row = {"or_uni": 2.5, "lower_uni": 1.1, "upper_uni": 5.7, "p_uni": 0.02}
    row |= dict.fromkeys(("or_multi", "lower_multi", "upper_multi", "p_multi"), np.nan)
    assert ratio_cells(row, "or") == ("2.50 (1.10–5.70)", "0.020", "", "")
