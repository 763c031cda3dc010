"""Made-up images of patients whose features tell their risk, and settings of a head."""

import numpy as np
import pytest

from taceflow.dlopctr.dataset import Images
from taceflow.dlopctr.head.settings import HeadSettings


@pytest.fixture(scope="session")
def draw_images():
    """Return what draws the images of so many patients from a seed."""
    return _draw_images


def _draw_images(patients, seed, features=24, views=2):
    random = np.random.default_rng(seed)
    risk = random.normal(size=patients)
    time = random.exponential(20 / np.exp(risk)).clip(0.1, 70)
    event = (random.random(patients) < 0.7).astype(int)
    owner = np.repeat(np.arange(patients), 1 + np.arange(patients) % 4)
    vectors = random.normal(size=(views, len(owner), features)) + 0.4 * risk[owner, None]
    names = np.array([f"P{number}" for number in range(patients)])
    return Images(names, time, event, vectors.astype(np.float32), owner)


@pytest.fixture
def chosen(settings):
    return HeadSettings(**settings | {"batch_size": 8})
