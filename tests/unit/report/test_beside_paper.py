"""The run beside the paper: printed numbers as printed, the run's beside them, reasons for gaps."""

import numpy as np
import pandas as pd
import pytest

from taceflow.files.schemas import validate_table
from taceflow.report.beside_paper import COLUMNS, cohort_rows, merit_rows, table_s2_rows
from taceflow.report.beside_paper_printed import printed_beside_paper
from taceflow.report.beside_paper_table_s1 import table_s1_rows
from taceflow.report.manuscript import as_printed


@pytest.fixture
def printed(root):
    """The study's Table S1 as the project keeps it."""
    path = root / "workflow" / "resources" / "sun_2024_table_s1.tsv"
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


@pytest.fixture
def figures(root):
    """The study's other printed numbers."""
    path = root / "workflow" / "resources" / "sun_2024_figures_of_merit.tsv"
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def one(rows, **wanted):
    """Return the only row with these values."""
    found = [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]
    assert len(found) == 1, wanted
    return found[0]


def test_printed_and_own_hazard_ratios_stand_side_by_side(printed, finished):
    rows = list(table_s1_rows(printed, finished.tables["table_s1"]))
    own = finished.tables["table_s1"]
    albi = one(rows, part="table_s1_univariate", item="albi_score")
    assert (albi["printed"], albi["printed_lower"], albi["printed_upper"]) == (2.125, 1.618, 2.791)
    assert albi["printed_p"] == "< 0.0001"
    assert albi["run"] == own.loc[own["variable"] == "albi_score", "hr_uni"].item()
    assert albi["n"] == own.loc[own["variable"] == "albi_score", "n"].item()


def test_print_that_contradicts_itself_is_said_to(printed, finished):
    rows = list(table_s1_rows(printed, finished.tables["table_s1"]))
    right = one(rows, part="table_s1_univariate", item="tumor_location", level="right")
    assert "the ratio lies outside its interval" in right["remark"]
    second = one(rows, part="table_s1_univariate", item="bclc_b_substage", level="2")
    assert "p is above 0.05 and the interval does not hold 1" in second["remark"]
    contradicted = {row["item"] for row in rows if "as printed" in (row["remark"] or "")}
    assert contradicted == {"tumor_location", "bclc_b_substage"}


def test_a_factor_of_two_levels_meets_its_single_printed_row(printed):
    own = {"variable": "sex", "note": None, "n": 50, "events": 30, "n_multi": None}
    own |= {"events_multi": None, "hr_uni": 1.4, "lower_uni": 0.5, "upper_uni": 3.6, "p_uni": 0.5}
    own |= {f"{key}_multi": None for key in ("hr", "lower", "upper", "p")}
    run = pd.DataFrame([own | {"level": "female", "note": "reference"}, own | {"level": "male"}])
    row = one(table_s1_rows(printed, run), part="table_s1_univariate", item="sex")
    assert (row["level"], row["printed"], row["run"]) == ("male", 1.0, 1.4)


def test_table_s2_holds_both_scores():
    run = {"coefficients": {"square_firstorder_Variance": 0.5, "shape_Mesh": -1.0}, "n": 40}
    run |= {"intercept": None, "events": 20, "family": "cox"}
    rows = list(table_s2_rows(run))
    shared = one(rows, item="square_firstorder_Variance")
    assert (shared["printed"], shared["run"], shared["remark"]) == (0.000134998, 0.5, None)
    assert one(rows, item="shape_Mesh")["remark"] == "not printed"
    assert one(rows, item="(Intercept)")["remark"] == "the cox family has none"
    assert one(rows, item="gradient_glszm_ZoneEntropy")["remark"] == "not selected in this run"
    assert len(rows) == 7


def test_shares_and_counts_are_the_runs(figures, finished):
    repeated = {"n_intra": 12, "n_inter": 0, "n_perturbation": 0}
    icc = pd.DataFrame({"kept": [1, 1, 1, 0]}).assign(**repeated)
    rows = list(cohort_rows(figures, finished.patients, icc, {"coefficients": {"a": 1.0}}))
    assert one(rows, item="reproducible_share")["run"] == 0.75
    assert one(rows, item="patients")["run"] == 60
    assert one(rows, item="features")["printed"] == 713
    assert one(rows, item="selected_features")["n"] == 40
    # all are kept where no agreement could be measured: that is no share of reproducible ones
    unread = icc.assign(n_intra=2)
    rows = list(cohort_rows(figures, finished.patients, unread, {"coefficients": {"a": 1.0}}))
    share = one(rows, item="reproducible_share")
    assert (share["run"], share["remark"]) == (None, "too few repeated readings")


def test_a_model_that_the_run_lacks_is_said_to_be_missing(figures, finished):
    nothing = finished.predictions.iloc[:0]
    rows = list(
        merit_rows(figures, finished.tables["performance"].iloc[:0], nothing, finished.patients)
    )
    assert {row["remark"] for row in rows} == {"not in this run"}
    assert len(rows) == 5


def test_medians_of_risk_groups_are_those_of_kaplan_and_meier(figures, finished):
    people = finished.patients[finished.patients["cohort"] == "validation"]
    predictions = pd.DataFrame(
        {
            "patient_id": people["patient_id"],
            "cohort": "validation",
            "model": "dlop_combin",
            "risk_group": np.where(people["time_months"] > 10, "low", "high"),
        }
    )
    rows = list(merit_rows(figures, finished.tables["performance"], predictions, finished.patients))
    low, high = (one(rows, item=f"median_survival_{g}_risk_months") for g in ("low", "high"))
    assert high["run"] < 10
    assert low["run"] is None or low["run"] > 10
    assert low["n"] + high["n"] == 20


def test_the_table_fits_its_schema_and_prints_the_digits_of_print(printed, finished):
    own = finished.tables["table_s1"]
    albi = own[own["variable"] == "albi_score"]
    others = [
        albi.assign(variable=name, level=level)
        for name, level in (
            ("child_pugh_score", None),
            ("tumor_location", "right"),
            ("afp_ng_ml", None),
        )
    ]
    rows = [*table_s1_rows(printed, pd.concat([own, *others]))]
    table = pd.DataFrame(rows, columns=COLUMNS)
    validate_table(table, "beside_paper", source="made")
    document = printed_beside_paper(table.astype({"printed_p": object}), "Beside")
    cells = {line.cells[0]: line.cells for line in reversed(document.lines)}
    assert cells["Child-Pugh score"][1] in ("1.447 (1.078–1.941)", "1.357 (0.995–1.851)")
    assert cells["Tumor location, right"][1] == "0.18 (0.86–1.70)"
    assert cells["DLOP-CTR"][2] == "<0.05"
    assert "AFP: alpha-fetoprotein;" in as_printed(table, "beside_paper").notes[-1]


def test_variables_that_the_sheet_lacks_are_named_once_below(printed, finished):
    """They were a row with 'no value in the cohort table' in each of two models."""
    own = finished.tables["table_s1"].astype({"note": object})
    row = own.index[own["variable"] == "made_0"]
    own.loc[row, ["variable", "note"]] = ["cirrhosis", "cirrhosis: no value in the cohort table"]
    own.loc[row, ["hr_uni", "hr_multi"]] = np.nan
    own.loc[row, ["n", "events"]] = 0
    rows = list(table_s1_rows(printed, own))
    assert one(rows, part="table_s1_univariate", item="cirrhosis")["remark"] == "not in this run"
    document = printed_beside_paper(pd.DataFrame(rows, columns=COLUMNS), "Beside")
    text = str(document.lines)
    assert "cohort table" not in text
    assert "Cirrhosis" not in text
    assert "ALBI score" in text
    assert "Table S1 has no values of them" in document.notes[0]
    assert document.notes[0].count("Cirrhosis") == 1
    assert "ALBI" not in document.notes[0]
