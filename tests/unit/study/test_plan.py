"""The plan of a study from the tables of a user."""

from taceflow.study.plan import plan_study


def test_an_empty_cohort_is_drawn_and_may_be_training(own_config, rewrite):
    some = ["validation"] * 4 + [None]
    rewrite(own_config["tables"]["patients"], lambda sheet: sheet.assign(cohort=some))
    assert len(plan_study(own_config).patients) == 5
