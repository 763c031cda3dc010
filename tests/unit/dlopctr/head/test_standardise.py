"""Where a head starts: the scale of its inputs and the life table."""

from dataclasses import replace

import numpy as np
import pytest

from taceflow.dlopctr.head.standardise import life_table_logits, standardisation


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_a_clinical_value_may_have_any_unit(unit, draw_images):
    learned = draw_images(30, 1)
    values = np.random.default_rng(3).normal(50, 10, (30, 1))
    entered = []
    for columns in (values, unit * values, np.full((30, 1), 7.3)):
        images = learned.with_columns(columns)
        centre, scale = standardisation(images)
        entered.append(((images.vectors[0] - centre) / scale)[:, -1])
    assert entered[0].std() > 1
    np.testing.assert_allclose(entered[1], entered[0], rtol=1e-5, atol=1e-5)
    assert not entered[2].any()


def test_features_have_the_spread_of_imagenets_and_a_silent_one_stays_at_zero(draw_images):
    learned = draw_images(30, 1)
    vectors = 5 + 3 * learned.vectors
    vectors[:, :, 7] = 4.0
    images = replace(learned, vectors=vectors)
    centre, scale = standardisation(images)
    entered = (vectors.reshape(-1, 24) - centre) / scale
    weights = np.tile(images.weights(), 2) / 2
    spread = np.sqrt(weights @ (entered - weights @ entered) ** 2)
    # in coarse steps
    np.testing.assert_allclose(np.delete(spread, 7), 0.4, rtol=0.25)
    assert np.delete(spread, 7).mean() == pytest.approx(0.4, rel=0.08)
    np.testing.assert_allclose(weights @ entered, 0, atol=0.1)
    assert not entered[:, 7].any()
    by_image, _ = standardisation(images, weigh="images")
    exact = vectors.reshape(-1, 24).mean(axis=0)
    np.testing.assert_allclose(
        by_image, exact, atol=0.25 * vectors.reshape(-1, 24).std(axis=0).max()
    )
    centre, scale = standardisation(
        images.with_columns(np.arange(30.0)[:, None]), image_features=False
    )
    assert (centre[:-1] == 0).all()
    assert (scale[:-1] == 1).all()
    assert scale[-1] == pytest.approx(np.arange(30).std() / 12, rel=0.1)


def test_two_means_do_not_tell_the_embedding_between_them(draw_images):
    learned = draw_images(30, 1)
    few = learned.take(np.arange(30) != 4)
    whole, left = standardisation(learned)[0], standardisation(few)[0]
    theirs = learned.vectors[:, learned.owner == 4].mean(axis=(0, 1))
    told = 30 * whole - 29 * left
    spread = learned.vectors.std(axis=(0, 1))
    assert np.median(np.abs(told - theirs) / spread) > 0.3


def test_a_head_first_says_the_life_table():
    # of four, three survive the first interval; of these, one dies in the second
    survived = np.array([[0, 0], [1, 0], [1, 1], [1, 1]])
    failed = np.array([[1, 0], [0, 1], [0, 0], [0, 0]])
    odds = np.exp(life_table_logits(survived, failed))
    np.testing.assert_allclose(odds, [3.5 / 1.5, 2.5 / 1.5])
