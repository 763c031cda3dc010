"""Table 1: the cohorts beside each other."""

import json

import numpy as np
import pandas as pd
import pytest

from taceflow.files.tables import write_table
from taceflow.survival.regression.design import Variable
from taceflow.survival.tables.table_1 import table_1, write_table_1


@pytest.fixture(scope="module")
def lung(shared_data):
    table = pd.read_csv(shared_data / "stat/table1/lung_cohort.csv", skipinitialspace=True)
    names = {"train": "training", "valid": "validation"}
    return table.assign(cohort=table["cohort"].map(names))


@pytest.fixture(scope="module")
def expected(shared_data):
    return json.loads((shared_data / "stat/table1/tests.json").read_text())


def test_medians_of_counts_have_no_decimals_unless_between_two_counts():
    counts = pd.DataFrame(
        {
            "cohort": ["training"] * 9 + ["validation"] * 4,
            "lesions": [1, 1, 1, 1, 2, 2, 2, 9, 9, *(1, 1, 2, 9)],
        }
    )
    row = table_1(counts, [Variable("lesions", "Lesions")]).iloc[0]
    assert row["training"] == "2 (1\u20132)"
    assert row["validation"] == "1.5 (1.0\u20133.8)"
    one = counts.drop(counts.index[10:])
    assert table_1(one, [Variable("lesions", "Lesions")])["validation"][0] == "1 (one value)"


def test_rows(lung, expected):
    variables = [
        Variable("age", "Age"),
        Variable("ph.ecog", "ECOG", "1"),
        Variable("wt.loss", "Weight loss"),
        Variable("nowhere", "Nowhere"),
    ]
    table = table_1(lung, variables).set_index(["variable", "level"])
    age = table.loc[("age", np.nan)]
    low, mid, high = expected["age"]["quart_train"]
    assert age["training"] == f"{mid:.0f} ({low:.0f}\u2013{high:.0f})"  # whole years
    assert age["p"] == pytest.approx(expected["age"]["wilcoxon_p"])
    ecog = table.loc["ph.ecog"]
    assert ecog.index.tolist() == ["1", "0", "2", "3"]
    assert ecog["training"].iloc[0] == "75 (50.3%)"
    assert ecog["p"].notna().tolist() == [True, False, False, False]
    loss = table.loc[("wt.loss", np.nan)]
    assert (loss["n_training"], loss["missing_training"]) == (141, 9)
    assert table.loc[("nowhere", np.nan), "note"] == "no value in the cohort table"


def test_the_external_cohort_stands_beside_the_others(lung, expected, tmp_path):
    # the validation patients once more, as an external cohort: the same numbers and tests
    more = lung[lung["cohort"] == "validation"].assign(cohort="external")
    variables = [Variable("age", "Age"), Variable("ph.ecog", "ECOG", "1")]
    table = table_1(pd.concat([lung, more], ignore_index=True), variables)
    assert table["external"].tolist() == table["validation"].tolist()
    for name in ("test", "p"):
        pd.testing.assert_series_equal(table[name], table[f"{name}_external"], check_names=False)
    for name in ("n", "missing"):
        assert (table[f"{name}_external"] == table[f"{name}_validation"]).all()
    without = table_1(lung, variables)
    same = ["variable", "level", "training", "validation", "test", "p", "note"]
    pd.testing.assert_frame_equal(table[same], without[same])
    # and alone beside training
    alone = table_1(pd.concat([lung[lung["cohort"] == "training"], more]), variables)
    assert alone["p_external"].iloc[0] == pytest.approx(expected["age"]["wilcoxon_p"])
    assert alone["p"].isna().all()
    write_table(alone, str(tmp_path / "table_1.tsv"), "table_1")


def test_a_variable_that_a_cohort_lacks_is_said_and_tested_among_the_others():
    draw = np.random.default_rng(3)
    sheet = pd.DataFrame({"cohort": np.repeat(["training", "validation", "external"], 20)})
    sheet["number"] = np.where(sheet["cohort"] == "external", np.nan, draw.normal(size=60))
    sheet["level"] = np.where(sheet["cohort"] == "external", None, draw.choice(["a", "b"], 60))
    table = table_1(sheet, [Variable("number", "Number"), Variable("level", "Level", "a")])
    first = table.drop_duplicates("variable")
    assert first["p"].notna().all()
    assert first["p_external"].isna().all()
    assert (first["note"] == "no value in the external cohort").all()


def test_written_without_validation_patients(tmp_path, cohort):
    cohort = cohort.assign(cohort="training", flag=(cohort["weak"] > 0).astype(int))
    cohort.loc[3, "stage"] = np.nan
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    write_table_1(
        patients=str(tmp_path / "patients.tsv"),
        variables=[
            {"column": "strong", "label": "Strong"},
            {"column": "stage", "label": "Stage", "reference": 1},
            {"column": "flag", "label": "Flag"},
        ],
        seed=1,
        table=str(tmp_path / "table_1.tsv"),
    )
    table = pd.read_csv(tmp_path / "table_1.tsv", sep="\t", dtype={"level": str})
    assert table["p"].isna().all()
    assert table.loc[table["variable"] == "stage", "level"].tolist() == ["1", "2", "3"]
    assert table.loc[table["variable"] == "flag", "level"].tolist() == ["0", "1"]
    assert table["variable"].iloc[-1] == "event"


def test_the_procedure_is_described_where_the_sheet_has_it(tmp_path, cohort):
    cohort["lipiodol_ml"] = np.linspace(2, 20, len(cohort))
    cohort["embolic_agent"] = np.where(np.arange(len(cohort)) % 2, "gelatin_sponge", "pva")
    cohort["pirarubicin_mg"] = np.nan
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    write_table_1(
        patients=str(tmp_path / "patients.tsv"),
        variables=[{"column": "strong", "label": "Strong"}],
        seed=1,
        table=str(tmp_path / "table_1.tsv"),
    )
    table = pd.read_csv(tmp_path / "table_1.tsv", sep="\t")
    expected = ["strong", "lipiodol_ml", "embolic_agent", "embolic_agent", "time_months"]
    assert table["variable"].tolist()[:5] == expected
    agents = table.loc[table["variable"] == "embolic_agent"]
    assert agents["level"].tolist() == ["gelatin_sponge", "pva"]
    assert agents["p"].notna().tolist() == [True, False]
