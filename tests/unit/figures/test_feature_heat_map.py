"""Figure S2 A."""

import numpy as np
import pandas as pd
import pytest

from taceflow.figures.feature_heat_map import family_of, feature_heat_map
from taceflow.figures.heat_map import training_z_scores


def test_every_feature_and_patient_is_in_the_picture(finished, texts):
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


def test_one_feature_is_said_in_words(finished, texts):
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
