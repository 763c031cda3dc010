import json
from dataclasses import replace

import numpy as np
import pytest

from taceflow.dlopctr.head.fitted_head import Head, load_heads, patient_means, save_heads
from taceflow.errors import DamagedFileError, WeightsError
from taceflow.survival.models.interpolation import interpolated_survival


@pytest.fixture(scope="module")
def case(shared_data):
    path = shared_data / "stat" / "nnet_survival" / "nnet_survival_reference.json"
    return json.loads(path.read_text())["cases"]["edge_cases"]


@pytest.fixture
def head():
    return Head(np.eye(2), np.zeros(2), np.ones(2), np.full(2, 2.0))


def test_curves_and_interpolation_equal_the_authors(case):
    logits = np.array(case["logits"])
    size = logits.shape[1]
    curves = Head(np.eye(size), np.zeros(size), np.zeros(size), np.ones(size)).curves(logits)
    np.testing.assert_allclose(curves, case["survival_at_breaks"], atol=1e-12)
    for months, expected in case["pred_surv_authors"].items():
        if float(months) >= case["breaks"][1]:
            ours = interpolated_survival(curves, case["breaks"], [float(months)])
            np.testing.assert_allclose(ours[:, 0], expected, atol=1e-12)


def test_inputs_are_standardised(head):
    # (3 - 1) / 2 = 1, (1 - 1) / 2 = 0
    expected = [[1 / (1 + np.exp(-1)), 0.5 / (1 + np.exp(-1))]]
    np.testing.assert_allclose(head.curves(np.array([[3.0, 1.0]])), expected)


def test_a_patient_is_the_mean_of_the_slices():
    curves = np.array([[0.9, 0.8], [0.7, 0.2], [0.5, 0.4]])
    means = patient_means(curves, np.array([1, 1, 0]), 2)
    np.testing.assert_allclose(means, [[0.5, 0.4], [0.8, 0.5]])


def test_heads_survive_the_file(head, tmp_path):
    path = str(tmp_path / "model.safetensors")
    save_heads({"seed1.final": head, "seed1.fold1": head}, path, {"code": "abc"})
    loaded = load_heads(path, features=2, intervals=2)
    assert sorted(loaded) == ["seed1.final", "seed1.fold1"]
    np.testing.assert_array_equal(loaded["seed1.final"].scale, head.scale)


def test_another_file_is_no_head(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"no weights")
    with pytest.raises(DamagedFileError, match="is cut or damaged"):
        load_heads(str(path), features=2, intervals=2)


@pytest.mark.parametrize(("features", "intervals"), [(3, 2), (2, 5)])
def test_heads_of_another_network(head, tmp_path, features, intervals):
    path = str(tmp_path / "model.safetensors")
    save_heads({"seed1.final": head}, path, {})
    words = (
        "seed1.final has 2 features and 2 intervals, the embeddings and breaks.json have "
        f"{features} and {intervals}. Delete the file"
    )
    with pytest.raises(WeightsError, match=words):
        load_heads(path, features=features, intervals=intervals)


def test_a_file_without_the_final_head(head, tmp_path):
    path = str(tmp_path / "model.safetensors")
    save_heads({"seed1.fold1": head}, path, {})
    with pytest.raises(WeightsError, match=r"no head called 'seed1.final'"):
        load_heads(path, features=2, intervals=2)


@pytest.mark.parametrize("kind", ["cox", "flexible,proportional_hazards"])
def test_heads_of_no_known_kind(head, tmp_path, kind):
    path = str(tmp_path / "model.safetensors")
    save_heads({"seed1.final": replace(head, kind=kind)}, path, {})
    with pytest.raises(WeightsError, match=f"of the kind '{kind}', expected one of flexible"):
        load_heads(path, features=2, intervals=2)
