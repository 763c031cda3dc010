"""The curves behind the figures, as tables."""

import numpy as np
import pytest

from taceflow.files.tables import write_table
from taceflow.survival.evaluation.curves import write_curves

NAMES = ("roc", "auc", "calibration", "decision_curve")


@pytest.fixture
def curves(run):
    run.fit()
    write_curves(
        patients=run.path("patients.tsv"),
        predictions=run.path("predictions.tsv"),
        horizons_months=[12, 36, 600],
        **{name: run.path(f"{name}.tsv") for name in NAMES},
    )
    return {name: run.read(f"{name}.tsv") for name in NAMES}


def test_where_nobody_is_predicted_the_tables_are_empty(run):
    run.fit()
    predictions = run.read("predictions.tsv")
    write_table(predictions.iloc[:0], run.path("none.tsv"), "survival_predictions")
    write_curves(
        patients=run.path("patients.tsv"),
        predictions=run.path("none.tsv"),
        horizons_months=[12],
        **{name: run.path(f"{name}.tsv") for name in NAMES},
    )
    assert [len(run.read(f"{name}.tsv")) for name in NAMES] == [0, 0, 0, 0]
    assert list(run.read("auc.tsv")) == ["model", "cohort", "months", "auc"]


def test_the_area_under_each_roc_curve_is_that_of_its_month(curves):
    areas = curves["auc"].set_index(["model", "cohort", "months"])["auc"]
    for key, rows in curves["roc"].groupby(["model", "cohort", "horizon_months"]):
        area = np.trapezoid(rows["true_positive_rate"], rows["false_positive_rate"])
        assert area == pytest.approx(areas[key]), key
    assert set(curves["roc"]["horizon_months"]) == {12, 36}


def test_groups_of_calibration_hold_each_patient_once(curves, cohort):
    size = curves["calibration"].groupby(["model", "cohort", "horizon_months"])["n"].sum()
    assert size["dlopctr", "validation", 12] == (cohort["cohort"] == "validation").sum()
    # one training patient lacks a variable of these
    assert size["clinical", "training", 12] == (cohort["cohort"] == "training").sum() - 1


def test_decision_curves_are_of_patients_whom_every_model_predicts(curves, cohort):
    curve = curves["decision_curve"]
    inside = curve[curve["cohort"] == "training"]
    assert set(inside["n"]) == {(cohort["cohort"] == "training").sum() - 1}
    assert (curve.loc[curve["model"] == "treat_none", "net_benefit"] == 0).all()
    # all are treated at the lowest threshold, whoever judges
    lowest = inside[(inside["threshold"] == 0.01) & (inside["horizon_months"] == 36)]
    lowest = lowest.set_index("model")["net_benefit"]
    assert lowest["radscore"] == pytest.approx(lowest["treat_all"])
