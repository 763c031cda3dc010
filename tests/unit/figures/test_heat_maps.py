"""Figures S2 A and D."""

import numpy as np
import pandas as pd
import pytest

from taceflow.figures.feature_heat_map import family_of, feature_heat_map
from taceflow.figures.heat_map import training_z_scores
from taceflow.figures.selected_heat_map import selected_heat_map


def texts(figure):
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    for axes in figure.axes:
        found += [axes.get_xlabel(), axes.get_ylabel()]
        found += [label.get_text() for label in axes.get_yticklabels()]
    return found


def test_z_scores_use_training_patients_only(finished):
    scores, left_out = training_z_scores(finished.features, finished.patients)
    training = finished.patients["cohort"].eq("training").to_numpy()
    np.testing.assert_allclose(scores.loc[:, training].mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(scores.loc[:, training].std(axis=1, ddof=0), 1)
    assert left_out == []
    moved = finished.features.copy()
    moved.iloc[40:, 1:] += 100
    again, _ = training_z_scores(moved, finished.patients)
    pd.testing.assert_frame_equal(again.loc[:, training], scores.loc[:, training])


def test_constant_missing_and_diagnostic_columns_are_left_out(finished):
    table = finished.features.assign(
        original_shape_Constant=3.0, original_shape_Gap=np.nan, diagnostics_Mean=1.0, comment="x"
    )
    scores, left_out = training_z_scores(table, finished.patients)
    assert left_out == ["original_shape_Constant", "original_shape_Gap"]
    assert len(scores) == 40


def test_every_feature_and_patient_is_in_the_picture(finished):
    figure = feature_heat_map(finished.features, finished.patients)
    shapes = [image.get_array().shape for axes in figure.axes for image in axes.images]
    assert (40, 60) in shapes
    assert shapes.count((1, 60)) == 2
    assert "60 patients" in texts(figure)
    assert "40 features" in texts(figure)


def test_outcome_bar_follows_the_clustered_order(finished):
    figure = feature_heat_map(finished.features, finished.patients)
    bars = {axes.get_ylabel(): axes for axes in figure.axes if axes.images}
    died = np.asarray(bars["Outcome"].images[0].get_array()).ravel()
    main = next(axes for axes in figure.axes if axes.get_xlabel() == "60 patients")
    drawn = np.asarray(main.images[0].get_array())
    scores, _ = training_z_scores(finished.features, finished.patients)
    event = finished.patients.set_index("patient_id")["event"]
    by_values = {tuple(np.sort(scores[name])): event[name] for name in scores}
    assert died.tolist() == [by_values[tuple(np.sort(column))] for column in drawn.T]


def test_seven_hundred_features():
    rng = np.random.default_rng(1)
    ids = [f"P{i}" for i in range(40)]
    patients = pd.DataFrame({"patient_id": ids, "cohort": "training", "event": [0, 1] * 20})
    values = pd.DataFrame(rng.normal(size=(40, 713))).add_prefix("original_glcm_F")
    figure = feature_heat_map(values.assign(patient_id=ids), patients)
    assert any(
        image.get_array().shape == (713, 40) for axes in figure.axes for image in axes.images
    )


def test_one_feature_is_said_in_words(finished):
    figure = feature_heat_map(finished.features.iloc[:, :2], finished.patients)
    assert "60 patients and 1 such" in " ".join(" ".join(texts(figure)).split())


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("original_shape_Sphericity", "shape"),
        ("log-sigma-2-0-mm-3D_ngtdm_Contrast", "ngtdm"),
        ("my_feature", "other"),
    ],
)
def test_family_of(name, family):
    assert family_of(name) == family


def test_selected_features_are_named_with_their_sign(finished):
    weights = finished.radscore["coefficients"]
    figure = selected_heat_map(finished.features, finished.patients, finished.scores, weights)
    found = texts(figure)
    for name, weight in weights.items():
        assert f"{name}  ({'+' if weight > 0 else '−'})" in found


def test_patients_are_ordered_by_radscore_within_cohorts(finished):
    weights = finished.radscore["coefficients"]
    figure = selected_heat_map(finished.features, finished.patients, finished.scores, weights)
    bars = next(axes for axes in figure.axes if axes.get_ylabel() == "Radscore").patches
    tops = np.array([bar.get_y() + bar.get_height() for bar in bars])
    assert (np.diff(tops[:40]) >= 0).all()
    assert (np.diff(tops[40:]) >= 0).all()


def test_a_radscore_of_the_users_own_orders_nobody(finished):
    weights = finished.radscore["coefficients"]
    heights = []
    for patients in (finished.patients, finished.patients.assign(radscore=1.0, position=0)):
        figure = selected_heat_map(finished.features, patients, finished.scores, weights)
        axes = next(axes for axes in figure.axes if axes.get_ylabel() == "Radscore")
        heights.append([bar.get_height() for bar in axes.patches])
    assert heights[0] == heights[1]


def test_nothing_selected_is_said_in_words(finished):
    figure = selected_heat_map(finished.features, finished.patients, finished.scores, {})
    assert "No feature was selected" in " ".join(texts(figure))
