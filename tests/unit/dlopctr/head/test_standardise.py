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
    rows = vectors.reshape(-1, 24)
    off = np.delete(by_image - rows.mean(axis=0), 7)
    assert np.abs(off).max() < 0.25 * rows.std(axis=0).max()
    centre, scale = standardisation(
        images.with_columns(np.arange(30.0)[:, None]), image_features=False
    )
    assert (centre[:-1] == 0).all()
    assert (scale[:-1] == 1).all()
    # by quartiles: 29 x 0.5 / 1.349, in coarse steps
    assert scale[-1] == pytest.approx(10.7 / 12, rel=0.1)


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
    # too few to tell the two apart
    odds = np.exp(life_table_logits(survived, failed))
    np.testing.assert_allclose(odds, [5.5 / 2.5, 5.5 / 2.5])


def test_five_deaths_stand_behind_each_odds_of_the_life_table():
    # of each interval how many survive it, and how many fail in it
    passed, died = [90, 80, 72, 70, 61, 50, 48, 45], [5, 9, 3, 2, 1, 7, 2, 2]
    survived = np.zeros((200, 8))
    failed = np.zeros((200, 8))
    for column, (alive, dead) in enumerate(zip(passed, died, strict=True)):
        survived[:alive, column] = 1
        failed[100 : 100 + dead, column] = 1
    odds = np.exp(life_table_logits(survived, failed))
    third = (50 + 48 + 45 + 61 + 0.5) / (1 + 7 + 2 + 2 + 0.5)
    expected = [90.5 / 5.5, 80.5 / 9.5, *[142.5 / 5.5] * 2, *[third] * 4]
    np.testing.assert_allclose(odds, expected)


def test_the_clinical_scale_tells_no_outlier_and_no_count(draw_images):
    learned = draw_images(50, 1)
    draw = np.random.default_rng(4)
    afp, rare = draw.uniform(100, 200, 50), np.zeros(50)
    found = []
    for outlier, ones in ((199.0, 1), (61234.0, 3)):
        afp[7], rare[:ones] = outlier, 1.0
        centre, scale = standardisation(learned.with_columns(np.c_[afp, rare, np.ones(50)]))
        found.append([*centre[-3:], *scale[-3:]])
    np.testing.assert_array_equal(*found)
    assert found[0][1::3] == [0.0, 0.5 / 12]
    assert found[0][2::3] == [0.0, np.inf]
