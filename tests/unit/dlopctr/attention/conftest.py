"""A head with weights drawn at random, and where its intervals end."""

import numpy as np
import pytest

from taceflow.dlopctr.head.fitted_head import Head

BREAKS = np.array([0.0, 6.0, 14.0, 30.0, 61.0])


@pytest.fixture
def breaks():
    return BREAKS


@pytest.fixture
def a_head():
    """Return what draws a head for so many features."""
    return _a_head


def _a_head(random, features, weight=0.05):
    scale = random.uniform(0.5, 2.0, features)
    scale[3] = np.inf  # a feature that is constant in training
    return Head(
        random.normal(0, weight, (len(BREAKS) - 1, features)),
        random.normal(1.5, 0.3, len(BREAKS) - 1),
        random.uniform(0, 1, features),
        scale,
    )
