"""Table S1 against R, and what it says where there is no estimate."""

import numpy as np
import pandas as pd

from taceflow.cohort.training import training_patients
from taceflow.survival.regression.design import Variable
from taceflow.survival.tables.table_s1 import table_s1, write_table_s1

STRONG, WEAK = Variable("strong", "Strong"), Variable("weak", "Weak")

STAGE = Variable("stage", "Stage", "1")

ENTRIES = [
    {"column": "strong", "label": "Strong"},
    {"column": "weak", "label": "Weak"},
    {"column": "stage", "label": "Stage", "reference": 1},
    {"column": "dlopctr", "label": "DLOP-CTR"},
]


def test_table_s1_equals_coxph_for_veteran(shared_data, veteran):
    table = pd.read_csv(shared_data / "stat/coxph/veteran_cox.csv", skipinitialspace=True)
    table = table.loc[table["ties"] == "efron"]
    variables = [
        Variable("trt", "Treatment", "1"),
        Variable("celltype", "Cell type", "squamous"),
        Variable("karno", "Karnofsky"),
        Variable("diagtime", "Time"),
        Variable("age", "Age"),
        Variable("prior", "Prior", "0"),
    ]
    found = table_s1(veteran, variables, p_enter=1.0)
    found["term"] = found["variable"] + found["level"].fillna("")
    for model, end in (("multi:all", "multi"), ("uni:", "uni")):
        expected = table.loc[table["model"].str.startswith(model)].set_index("term")
        both = found.set_index("term").join(expected, how="inner", rsuffix="_r")
        assert len(both) == 8
        np.testing.assert_allclose(both[f"hr_{end}"], both["hr"], rtol=1e-6)
        np.testing.assert_allclose(both[f"lower_{end}"], both["lo95"], rtol=1e-6)
        np.testing.assert_allclose(both[f"upper_{end}"], both["hi95"], rtol=1e-6)
        np.testing.assert_allclose(both[f"p_{end}"], both["p"], rtol=1e-5)
    cells = found.loc[found["variable"] == "celltype"]
    lr = table.loc[table["model"] == "uni:celltype", "lr_p"].iloc[0]
    np.testing.assert_allclose(cells["p_variable_uni"], lr, rtol=1e-6)
    assert cells.iloc[0][["level", "note"]].tolist() == ["squamous", "reference"]
    assert (found["n_multi"] == 137).all()


def test_what_enters_and_complete_cases(cohort):
    cohort.loc[[1, 2], "strong"] = np.nan
    cohort.loc[[4], "stage"] = np.nan
    table = table_s1(training_patients(cohort), [STRONG, WEAK, STAGE], 0.05)
    by_name = table.drop_duplicates("variable").set_index("variable")
    n = len(training_patients(cohort))
    assert by_name["n"].to_dict() == {"strong": n - 2, "weak": n, "stage": n - 1}
    assert by_name.loc["strong", "n_multi"] == n - 3
    assert np.isnan(by_name.loc["weak", "n_multi"])
    assert (table.loc[table["variable"] == "stage", "p_variable_multi"] < 0.05).all()
    assert table.loc[table["variable"] == "strong", "hr_multi"].item() > 1


def test_unusable_variables_have_a_row_and_a_reason(cohort):
    cohort["flat"] = 1.0
    cohort["copy"] = 3 * cohort["strong"]
    cohort["perfect"] = -cohort["time_months"] - 1000 * cohort["event"]
    cohort["sole"] = "left"
    cohort["empty"] = np.nan
    names = ["strong", "flat", "copy", "perfect", "empty", "absent"]
    variables = [Variable(name, name) for name in names]
    variables += [Variable("sole", "Sole", "left"), Variable("stage", "Stage", "9")]
    table = table_s1(training_patients(cohort), variables, 0.05).set_index("variable")
    assert table.index.tolist() == [*names, "sole", "stage"]
    assert "does not vary" in table.loc["flat", "note"]
    assert "linear combination" in table.loc["copy", "note"]
    assert table.loc["copy", "hr_uni"] > 1
    assert np.isnan(table.loc["copy", "hr_multi"])
    assert table.loc["strong", "hr_multi"] > 1
    assert "no value" in table.loc["empty", "note"]
    assert "no value" in table.loc["absent", "note"]
    assert "one level only" in table.loc["sole", "note"]
    assert "reference level '9' does not occur" in table.loc["stage", "note"]
    empty = table.loc[["flat", "empty", "absent", "sole", "stage"], "hr_uni"]
    assert empty.isna().all()


def test_separation_is_a_row_with_a_note(cohort):
    group = training_patients(cohort).copy()
    dead = group["event"] == 1
    group["marker"] = (dead & (group["time_months"] < 4)).astype(float)
    group["clock"] = -group["time_months"]
    table = table_s1(group, [STRONG, Variable("clock", "Clock")], 0.05).set_index("variable")
    assert "no finite estimate" in table.loc["clock", "note"]
    assert np.isnan(table.loc["clock", "hr_uni"])


def test_all_censored_gives_notes_not_a_crash(cohort):
    table = table_s1(training_patients(cohort).assign(event=0), [STRONG, STAGE], 0.05)
    assert table["hr_uni"].isna().all()
    assert table["note"].str.contains("no death").all()


def test_written_table_s1_adds_dlopctr_at_the_end(run):
    write_table_s1(
        patients=run.path("patients.tsv"),
        dlopctr_predictions=run.path("dlopctr.tsv"),
        variables=ENTRIES[:3],
        p_enter=0.05,
        select="univariate",
        missing="complete",
        seed=1,
        table=run.path("table_s1.tsv"),
    )
    table = run.read("table_s1.tsv")
    assert table["variable"].tolist() == ["strong", "weak", "stage", "stage", "stage", "dlopctr"]
    assert table["hr_uni"].iloc[-1] < 1
    learned = run.cohort["cohort"] == "training"
    assert table["n"].max() == learned.sum()
    assert table["events"].max() == run.cohort.loc[learned, "event"].sum()
