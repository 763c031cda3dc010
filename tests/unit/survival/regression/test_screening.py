"""Cox models of one variable, and of as many as can be in one."""

import numpy as np
import pytest

from taceflow.cohort.patients import training_patients
from taceflow.errors import ConfigurationError
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


def test_the_parts_of_a_score_leave_the_joint_model(cohort):
    random = np.random.default_rng(1)
    albumin, log_bilirubin = random.normal(38, 4, len(cohort)), random.normal(1.2, 0.2, len(cohort))
    table = cohort.assign(
        albumin_g_l=albumin,
        bilirubin_umol_l=10**log_bilirubin,
        albi_score=0.66 * log_bilirubin - 0.085 * albumin,
    )
    variables = [
        Variable(name, name) for name in ("albumin_g_l", "strong", "bilirubin_umol_l", "albi_score")
    ]
    joint = fit_jointly(training_patients(table), variables)
    assert [term.column for term in joint.terms] == ["strong", "albi_score"]
    assert set(joint.dropped) == {"albumin_g_l", "bilirubin_umol_l"}
    without_score = fit_jointly(training_patients(table), variables[:3])
    assert len(without_score.terms) == 3
