"""Survival by a model's risk groups."""

from taceflow.figures.survival_by_risk import survival_by_risk


def test_one_panel_a_cohort(finished):
    figure = survival_by_risk(finished.patients, finished.predictions, "dlop_cox")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["DLOP-Cox, training", "DLOP-Cox, validation"]
    training = finished.patients[finished.patients["cohort"] == "training"]
    assert len(survival_by_risk(training, finished.predictions, "dlop_cox").axes) == 1


def test_columns_of_the_users_own_change_no_groups(finished):
    own = finished.patients.assign(group="mine", risk_group="low", model="old", radscore=0.0)
    drawn = [
        [line.get_xydata().tolist() for axes in figure.axes for line in axes.lines]
        for figure in (
            survival_by_risk(patients, finished.predictions, "radscore")
            for patients in (finished.patients, own)
        )
    ]
    assert drawn[0] == drawn[1]


def test_a_model_without_predictions_is_said_in_words(finished, texts):
    figure = survival_by_risk(finished.patients, finished.predictions.iloc[:0], "clinical")
    assert "The run has no predictions of Clinical." in texts(figure)


def test_who_is_not_followed_is_not_drawn(finished):
    patients = finished.patients.copy()
    is_some = patients.index < 5
    patients.loc[is_some, ["time_months", "event"]] = None
    drawn = [
        [line.get_xydata().tolist() for axes in figure.axes for line in axes.lines]
        for figure in (
            survival_by_risk(some, finished.predictions, "radscore")
            for some in (patients, finished.patients[~is_some])
        )
    ]
    assert drawn[0] == drawn[1]
