"""The run beside the paper: printed numbers as printed, the run's beside them, reasons for gaps."""

import numpy as np
import pandas as pd
import pytest

from taceflow.report.beside_paper import cohort_rows, merit_rows, table_s2_rows


@pytest.fixture
def figures(root):
    """The study's other printed numbers."""
    path = root / "workflow" / "resources" / "sun_2024_figures_of_merit.tsv"
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def test_table_s2_holds_both_scores(one):
    run = {"coefficients": {"square_firstorder_Variance": 0.5, "shape_Mesh": -1.0}, "n": 40}
    run |= {"intercept": None, "events": 20, "family": "cox"}
    rows = list(table_s2_rows(run))
    shared = one(rows, item="square_firstorder_Variance")
    assert (shared["printed"], shared["run"], shared["remark"]) == (0.000134998, 0.5, None)
    assert one(rows, item="shape_Mesh")["remark"] == "not printed"
    assert one(rows, item="(Intercept)")["remark"] == "the cox family has none"
    assert one(rows, item="gradient_glszm_ZoneEntropy")["remark"] == "not selected in this run"
    assert len(rows) == 7


def test_shares_and_counts_are_the_runs(figures, finished, one):
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


def test_medians_of_risk_groups_are_those_of_kaplan_and_meier(figures, finished, one):
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
