"""The plan of a study from the tables of a user."""

from taceflow.study.plan import plan_study


def test_an_empty_cohort_is_drawn_and_may_be_training(own_config, rewrite):
    some = ["validation"] * 4 + [None]
    rewrite(own_config["tables"]["patients"], lambda sheet: sheet.assign(cohort=some))
    assert len(plan_study(own_config).patients) == 5


def test_a_review_leaves_nobody_unimported_and_counts_no_death_of_who_left(own_config, tmp_path):
    before = plan_study(own_config)
    review = tmp_path / "review.tsv"
    rows = [
        "patient_id\tverdict\treason",
        "A\texclude\tno tumour",
        "E\tkeep\t",
        "D\tredraw\ta vein",
    ]
    review.write_text("\n".join([*rows, ""]))
    own_config["tables"] |= {"review": str(review)}
    after = plan_study(own_config)
    assert after.to_import == before.to_import
    # A died; whether D is back only the images tell
    assert (before.followed, after.followed) == ((3, 2), (2, 1))
    # what a job of the cohort is told holds no verdict that changes nothing
    assert set(after.deciding_review) == {"A", "D"}


def test_who_was_left_out_before_reaches_the_flow_chart(own_config, tmp_path):
    assert plan_study(own_config).screening == []
    screening = tmp_path / "screening.tsv"
    screening.write_text("reason\tn\nscreened\t12\nno CT\t7\n")
    own_config["tables"] |= {"screening": str(screening)}
    assert plan_study(own_config).screening == [("no CT", 7)]
