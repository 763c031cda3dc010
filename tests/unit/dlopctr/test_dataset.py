"""Embeddings and follow-up, put together: what they weigh, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from taceflow.dlopctr.dataset import load_images
from taceflow.errors import (
    InputError,
)
from taceflow.files.tables import read_table


def test_a_patient_with_many_slices_weighs_no_more(planted):
    images = load_images(planted["embeddings"], read_table(planted["patients"]), standardise=True)
    sums = np.bincount(images.owner, weights=images.weights())
    np.testing.assert_allclose(sums, 1 / len(images.patients))
    assert set(images.weights("images")) == {1 / len(images.owner)}


def test_a_patient_without_embedding(planted):
    cohort = read_table(planted["patients"])
    cohort.loc[0, "patient_id"] = "P999"
    with pytest.raises(InputError, match=r"patient P999: no embedding \(1 of 110 patients"):
        load_images(planted["embeddings"], cohort, standardise=True)


def test_an_embedding_with_gaps(planted, tmp_path):
    table = pd.read_parquet(planted["embeddings"])
    table.loc[table["patient_id"] == "P007", ["e0001", "e0002"]] = np.nan
    path = str(tmp_path / "embeddings.parquet")
    table.to_parquet(path)
    with pytest.raises(InputError, match="patient P007: 2 of 2048 values of an embedding"):
        load_images(path, read_table(planted["patients"]), standardise=True)


def test_brightness_counts_only_without_standardisation(planted, tmp_path):
    cohort, table = read_table(planted["patients"]), pd.read_parquet(planted["embeddings"])
    features = [name for name in table.columns if name.startswith("e")]
    gain = np.linspace(0.5, 2, len(table), dtype=np.float32)
    brighter = table.assign(**table[features].mul(gain, axis=0))
    brighter.to_parquet(tmp_path / "brighter.parquet")
    paths = (planted["embeddings"], str(tmp_path / "brighter.parquet"))
    one, other = (load_images(path, cohort, standardise=True).vectors for path in paths)
    np.testing.assert_allclose(one, other, rtol=1e-5)
    np.testing.assert_allclose((one**2).mean(axis=2), 1, rtol=1e-5)
    one, other = (load_images(path, cohort, standardise=False).vectors for path in paths)
    sums = np.sort(table[features].sum(axis=1))
    np.testing.assert_allclose(np.sort(one.sum(axis=2), axis=None), sums, rtol=1e-4, atol=1e-3)
    assert not np.allclose(one, other, rtol=0.1)
