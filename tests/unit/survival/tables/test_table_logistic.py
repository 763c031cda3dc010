"""Logistic regression of death by a horizon: the table."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from taceflow.files.tables import read_table
from taceflow.survival.regression.design import Variable
from taceflow.survival.tables.table_logistic import logistic_table, write_table_logistic

STRONG, WEAK, STAGE = (
    Variable("strong", "Strong"),
    Variable("weak", "Weak"),
    Variable("stage", "Stage", "1"),
)


def test_the_table_counts_and_chooses(cohort):
    table = logistic_table(cohort, [STRONG, WEAK, STAGE], 0.05, 20.0)
    early = (cohort["event"] == 0) & (cohort["time_months"] < 20)
    died = (cohort["event"] == 1) & (cohort["time_months"] <= 20)
    assert (table["censored"] == early.sum()).all()
    assert (table["n"] == len(cohort) - early.sum()).all()
    assert (table["deaths"] == died.sum()).all()
    rows = table.drop_duplicates("variable").set_index("variable")
    assert rows.loc["strong", "or_multi"] > 1
    assert np.isnan(rows.loc["weak", "or_multi"])
    assert table.loc[table["variable"] == "stage", "level"].tolist() == ["1", "2", "3"]
    assert table.loc[table["variable"] == "stage", "note"].iloc[0] == "reference"
    known = cohort.loc[~early].assign(died=died.astype(int))
    alone = sm.Logit(known["died"], sm.add_constant(known["strong"])).fit(disp=0)
    assert rows.loc["strong", "or_uni"] == pytest.approx(np.exp(alone.params["strong"]), rel=1e-6)


def test_what_cannot_be_fitted_has_a_reason(cohort):
    cohort["copy"] = 2 * cohort["strong"]
    cohort["empty"] = np.nan
    cohort["sole"] = "left"
    variables = [STRONG, Variable("copy", "Copy"), Variable("empty", "Empty")]
    variables += [Variable("sole", "Sole", "left"), Variable("absent", "Absent")]
    table = logistic_table(cohort, variables, 0.05, 20.0).set_index("variable")
    assert "linear combination" in table.loc["copy", "note"]
    assert "one level only" in table.loc["sole", "note"]
    assert "no value" in table.loc["empty", "note"]
    assert "no value" in table.loc["absent", "note"]
    assert table["or_multi"].notna().sum() == 1
    assert np.isfinite(table[["or_uni", "upper_uni"]].dropna()).all().all()


@pytest.mark.parametrize("horizon", [0.01, 500.0])
def test_a_horizon_beyond_the_follow_up_has_rows_with_reasons(cohort, horizon):
    table = logistic_table(cohort, [STRONG, STAGE], 0.05, horizon)
    assert table["or_uni"].isna().all()
    assert table["note"].str.contains("nothing to tell apart").all()


def test_written_for_every_horizon(tmp_path, cohort):
    cohort.drop(columns="dlopctr").to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    write_table_logistic(
        patients=str(tmp_path / "patients.tsv"),
        dlopctr_predictions=None,
        variables=[
            {"column": "strong", "label": "Strong"},
            {"column": "stage", "label": "Stage", "reference": 1},
            {"column": "dlopctr", "label": "DLOP-CTR"},
        ],
        p_enter=0.05,
        horizons_months=[12, 36, 400],
        table=str(tmp_path / "logistic.tsv"),
    )
    table = read_table(tmp_path / "logistic.tsv", "logistic")
    assert set(table["variable"]) == {"strong", "stage"}
    assert table.groupby("horizon_months").size().to_dict() == {12: 4, 36: 4, 400: 2}
    group = cohort.loc[cohort["cohort"] == "training"]
    assert (table["n"] + table["censored"] == len(group)).all()
    pd.testing.assert_series_equal(
        table["or_multi"].dropna() > 0, table["or_multi"].dropna() < np.inf
    )
