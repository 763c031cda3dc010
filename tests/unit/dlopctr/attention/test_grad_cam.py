"""Grad-CAM against its closed form, and the risk against the heads' own."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from taceflow.dlopctr.attention.grad_cam import Risk, grad_cam
from taceflow.survival.models.interpolation import interpolated_survival

HORIZON = 20.0


@pytest.fixture
def maps():
    return np.random.default_rng(0).exponential(1.0, (3, 40, 7, 7))


def test_of_a_linear_function_it_is_the_class_activation_map(maps):
    """Zhou et al., CVPR 2016: the weighted sum of the maps by the layer's weights."""
    weight = np.random.default_rng(1).normal(size=40)
    values, seen = grad_cam(maps, lambda embeddings: embeddings @ torch.from_numpy(weight))
    activation = np.einsum("k,nkyx->nyx", weight, maps)
    np.testing.assert_allclose(seen, activation / 49, rtol=1e-10)
    np.testing.assert_allclose(seen.sum(axis=(1, 2)), values, rtol=1e-10)


@pytest.mark.parametrize("kind", ["flexible", "proportional_hazards"])
def test_the_risk_is_the_one_that_is_predicted(maps, kind, a_head, breaks):
    random = np.random.default_rng(2)
    heads = [a_head(random, 40) for _ in range(3)]
    if kind != "flexible":
        heads = [replace(head, weight=head.weight[:1], kind=kind) for head in heads]
    embeddings = maps.mean(axis=(2, 3))
    vectors = embeddings / np.sqrt((embeddings**2).mean(axis=1, keepdims=True))
    predicted = np.mean(
        [interpolated_survival(head.curves(vectors), breaks, [HORIZON])[:, 0] for head in heads],
        axis=0,
    )
    risks, _ = grad_cam(maps, Risk(heads, breaks, HORIZON, standardise=True))
    np.testing.assert_allclose(risks, 1 - predicted, rtol=1e-12)


def test_its_weights_are_the_derivatives_of_the_risk_by_hand(maps, a_head, breaks):
    """The chain rule written out: interpolation, product of sigmoids, layer, length."""
    head = a_head(np.random.default_rng(3), 40)
    _, seen = grad_cam(maps, Risk([head], breaks, HORIZON, standardise=True))
    share = (HORIZON - 14.0) / (30.0 - 14.0)
    for image, own in zip(maps, seen, strict=True):
        embedding = image.mean(axis=(1, 2))
        length = np.sqrt((embedding**2).mean())
        logits = head.weight @ ((embedding / length - head.centre) / head.scale) + head.bias
        alive = 1 / (1 + np.exp(-logits))
        curve = np.cumprod(alive)
        # d curve_j / d logit_i = curve_j (1 - alive_i) for i <= j
        at_14, at_30 = (curve[j] * (1 - alive) * (np.arange(4) <= j) for j in (1, 2))
        by_vector = ((1 - share) * at_14 + share * at_30) @ (head.weight / head.scale)
        by_embedding = (
            by_vector - embedding / length * (by_vector @ embedding / length) / 40
        ) / length
        expected = -np.einsum("k,kyx->yx", by_embedding, image) / 49
        np.testing.assert_allclose(own, expected, rtol=1e-8, atol=1e-15)


def test_brightness_says_nothing_and_places_sum_to_zero(maps, a_head, breaks):
    risk = Risk([a_head(np.random.default_rng(4), 40)], breaks, HORIZON, standardise=True)
    (risks, seen), (brighter, seen_brighter) = (grad_cam(maps * by, risk) for by in (1.0, 7.0))
    np.testing.assert_allclose(brighter, risks, rtol=1e-12)
    np.testing.assert_allclose(seen_brighter, seen, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(seen.sum(axis=(1, 2)), 0, atol=1e-12)
    assert np.abs(seen).max() > 1e-6
