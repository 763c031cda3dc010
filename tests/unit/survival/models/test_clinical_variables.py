"""Which clinical variables the models take."""

import numpy as np
import pandas as pd
import pytest

from taceflow.cohort.training import training_patients
from taceflow.survival.models.clinical_variables import (
    read_clinical_variables,
    write_clinical_variables,
)
from taceflow.survival.models.fit import cox_models
from taceflow.survival.regression.variable_selection import Selection

ENTRIES = [
    {"column": "strong", "label": "Strong"},
    {"column": "weak", "label": "Weak"},
    {"column": "stage", "label": "Stage", "reference": 1},
    {"column": "dlopctr", "label": "DLOP-CTR"},
]


def test_stepwise_selection_takes_what_only_shows_beside_another(cohort, tmp_path):
    """The masked variable's own effect and that of what goes with it cancel each other."""
    draw = np.random.default_rng(4)
    masked = 0.9 * cohort["strong"] + 0.4 * draw.normal(size=len(cohort))
    death = draw.exponential(30, len(cohort)) * np.exp(1.8 * masked - 2 * cohort["strong"])
    cohort = cohort.assign(cohort="training", masked=masked, time_months=death + 0.1, event=1)
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    entries = [{"column": name, "label": name} for name in ("masked", "strong", "weak")]
    expected = {"univariate": ["strong"], "stepwise": ["masked", "strong"]}
    for select, names in expected.items():
        write_clinical_variables(
            patients=str(tmp_path / "patients.tsv"),
            selection=Selection(variables=entries, p_enter=0.01, select=select),
            chosen=str(tmp_path / "chosen.json"),
        )
        variables, note = read_clinical_variables(str(tmp_path / "chosen.json"))
        assert ([variable.column for variable in variables], note) == (names, "")


@pytest.mark.parametrize(
    ("select", "reason"), [("univariate", "univariate p < 0.001"), ("stepwise", "by AIC leaves no")]
)
def test_no_clinical_variable_is_selected(cohort, tmp_path, select, reason):
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    write_clinical_variables(
        patients=str(tmp_path / "patients.tsv"),
        selection=Selection(variables=ENTRIES[1:2], p_enter=0.001, select=select),
        chosen=str(tmp_path / "chosen.json"),
    )
    variables, note = read_clinical_variables(str(tmp_path / "chosen.json"))
    assert variables == []
    assert reason in note
    assert reason in cox_models(training_patients(cohort), variables, note)["clinical"]["note"]


def test_what_is_known_after_the_treatment_enters_no_model(cohort, tmp_path):
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    chosen = str(tmp_path / "chosen.json")
    for baseline, expected in ((True, ["strong"]), (False, [])):
        entries = [{"column": "strong", "label": "Strong", "baseline": baseline}]
        write_clinical_variables(
            patients=str(tmp_path / "patients.tsv"),
            selection=Selection(variables=entries, p_enter=0.05, select="univariate"),
            chosen=chosen,
        )
        variables, _ = read_clinical_variables(chosen)
        assert [variable.column for variable in variables] == expected


def test_a_variable_that_could_not_be_tried_is_no_weak_one(cohort, tmp_path):
    # its reference level is that of validation patients alone
    levels = ["G2", "G3"] * (len(cohort) // 2 + 1)
    grade = pd.Series(levels[: len(cohort)], cohort.index)
    grade = grade.where(cohort["cohort"] == "training", "G1")
    cohort.assign(grade=grade).to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    chosen = str(tmp_path / "chosen.json")
    write_clinical_variables(
        patients=str(tmp_path / "patients.tsv"),
        selection=Selection(
            variables=[{"column": "grade", "label": "Grade", "reference": "G1"}],
            p_enter=0.05,
            select="univariate",
        ),
        chosen=chosen,
    )
    _, note = read_clinical_variables(chosen)
    assert "not tried: grade: its reference level 'G1' does not occur (found G2, G3)" in note
