"""Cox models of one variable, and of as many as can be in one."""

import numpy as np
import pytest

from taceflow.cohort.derived_scores import add_derived_scores
from taceflow.cohort.training import training_patients
from taceflow.errors import ConfigurationError
from taceflow.scores import SCORES
from taceflow.survival.regression.design import Variable
from taceflow.survival.regression.screening import entering, fit_jointly, screen

STRONG, WEAK = Variable("strong", "Strong"), Variable("weak", "Weak")


def test_words_need_a_reference(cohort):
    cohort["side"] = np.where(cohort["weak"] > 0, "left", "right")
    with pytest.raises(ConfigurationError, match="Give it a `reference` level"):
        screen(cohort, [Variable("side", "Side")])


def test_joint_model_without_variables(cohort):
    assert fit_jointly(cohort, []).fit is None
    assert entering(screen(training_patients(cohort), [WEAK]), 1e-9) == []


@pytest.fixture
def with_scores(cohort):
    """Patients with the parts of every score, and the scores that follow."""
    draw, n = np.random.default_rng(1), len(cohort)
    table = cohort.assign(
        albumin_g_l=draw.normal(36, 4, n),
        bilirubin_umol_l=10 ** draw.normal(1.2, 0.2, n),
        afp_ng_ml=10 ** draw.normal(2.5, 1, n),
        child_pugh_score=draw.choice([5, 6, 7, 8], n),
        tumor_number=draw.integers(1, 5, n),
        tumor_size_cm=draw.uniform(1, 12, n),
    )
    return add_derived_scores(table)


@pytest.mark.parametrize("score", SCORES.values(), ids=list(SCORES))
def test_the_parts_of_each_score_leave_the_joint_model(with_scores, score):
    parts = [Variable(name, name) for name in score.parts]
    variables = [*parts, STRONG, Variable(score.column, score.label)]
    joint = fit_jointly(training_patients(with_scores), variables)
    assert [term.column for term in joint.terms] == ["strong", score.column]
    assert set(joint.dropped) == set(score.parts)
    assert all(f"left out beside {score.column}" in why for why in joint.dropped.values())
    without_score = fit_jointly(training_patients(with_scores), variables[:-1])
    assert len(without_score.terms) == len(parts) + 1


def test_parts_stay_where_their_score_cannot(with_scores):
    table = training_patients(with_scores).assign(albi_score=-2.5)
    names = ("albumin_g_l", "bilirubin_umol_l", "albi_score")
    joint = fit_jointly(table, [Variable(name, name) for name in names])
    assert [term.column for term in joint.terms] == ["albumin_g_l", "bilirubin_umol_l"]
    assert set(joint.dropped) == {"albi_score"}
