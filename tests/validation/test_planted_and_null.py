"""At full size: what is planted is found, and the null cohort's nothing is not."""

import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

pytestmark = [pytest.mark.validation, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def planted(run_study):
    return run_study("demo").results


@pytest.fixture(scope="module")
def null(run_study):
    return run_study("null", "--configfile", "config/null.yaml").results


def read(results, name):
    return pd.read_csv(results / name, sep="\t", dtype={"patient_id": str})


def concordance(results, model):
    table = read(results, "survival/performance.tsv")
    rows = table[
        (table["model"] == model)
        & (table["cohort"] == "validation")
        & (table["metric"] == "c_index")
    ]
    (row,) = rows.to_dict("records")
    return row


def medians(results):
    patients = read(results, "cohort/patients.tsv").dropna(subset=["bclc_b_substage"])
    found = []
    for _, group in patients.groupby("bclc_b_substage"):
        fitter = KaplanMeierFitter().fit(group["time_months"], group["event"])
        found.append(fitter.median_survival_time_)
    return found


@pytest.mark.parametrize("model", ["radscore", "dlopctr"])
def test_the_planted_texture_is_found_in_validation(planted, model):
    row = concordance(planted, model)
    assert row["lower"] > 0.5, row


@pytest.mark.parametrize("model", ["radscore", "dlopctr"])
def test_nothing_is_found_in_the_null_cohort(null, model):
    row = concordance(null, model)
    # A Radscore without any feature ranks nobody: C is 0.5 without an interval.
    assert pd.isna(row["lower"]) or row["lower"] <= 0.5 <= row["upper"], row


def test_table_s1_has_the_planted_signs(planted):
    table = read(planted, "tables/table_s1.tsv").set_index(["variable", "level"])
    univariate = table["hr_uni"].dropna()
    (albi,) = univariate.loc["albi_score"]
    assert albi > 1
    substages = univariate.loc["bclc_b_substage"]
    assert (substages.drop("1", errors="ignore") > 1).sum() >= 2
    (dlopctr,) = univariate.loc["dlopctr"]
    assert dlopctr < 1


def test_substages_die_in_the_planted_order(planted):
    found = medians(planted)
    assert len(found) == 4
    assert found == sorted(found, reverse=True)
