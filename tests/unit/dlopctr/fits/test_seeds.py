"""Seeds: their mean is the prediction, and each is written beside it."""

import numpy as np
import pandas as pd
import pytest

from taceflow.dlopctr.fits.seeds import write_predictions
from taceflow.files.tables import read_table

FIXED = {"breaks_months": [0.0, 10.0, 20.0], "horizon_months": 15.0}
CURVES = np.array([[[0.9, 0.5], [0.8, 0.2]], [[0.7, 0.3], [0.6, 0.6]]])
"""Of two seeds and two patients; at 15 months halfway between the breaks."""


def written(folder, curves):
    cohort = pd.DataFrame({"patient_id": ["07", "B"], "cohort": ["training", "validation"]})
    cohort.index = [5, 3]  # patients with gaps were left out
    paths = [str(folder / name) for name in ("mean.tsv", "by_seed.tsv")]
    write_predictions("dlopctr", cohort, np.array([2, 0]), curves, FIXED, *paths)
    schemas = ("dlopctr_predictions", "dlopctr_predictions_by_seed")
    return [read_table(*given) for given in zip(paths, schemas, strict=True)]


def test_the_prediction_is_the_mean_of_the_seeds_with_its_spread(tmp_path):
    mean, apart = written(tmp_path, CURVES)
    assert list(mean) == [
        *("patient_id", "cohort", "dlopctr", "dlopctr_sd", "out_of_fold"),
        *("survival_at_10.00_months", "survival_at_20.00_months"),
    ]
    assert mean["patient_id"].tolist() == ["07", "B"]
    assert mean["dlopctr"].tolist() == pytest.approx([(0.7 + 0.5) / 2, (0.5 + 0.6) / 2])
    assert mean["dlopctr_sd"].tolist() == pytest.approx([0.2 / np.sqrt(2), 0.1 / np.sqrt(2)])
    assert mean["out_of_fold"].tolist() == [1, 0]
    np.testing.assert_allclose(mean.iloc[:, 5:], [[0.8, 0.4], [0.7, 0.4]])
    assert list(apart)[:4] == ["patient_id", "cohort", "seed", "dlopctr"]
    assert apart["seed"].tolist() == [1, 1, 2, 2]
    assert apart["dlopctr"].tolist() == pytest.approx([0.7, 0.5, 0.5, 0.6])
    np.testing.assert_array_equal(apart.iloc[:, 4:], CURVES.reshape(4, 2))


def test_a_single_seed_has_no_spread(tmp_path):
    mean, _ = written(tmp_path, CURVES[:1])
    assert mean["dlopctr_sd"].isna().all()
    assert mean["dlopctr"].tolist() == pytest.approx([0.7, 0.5])
