"""Embeddings and follow-up, put together: what they weigh, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from taceflow.dlopctr.dataset import load_images
from taceflow.errors import InputError
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


@pytest.mark.parametrize("lost", [{1: 0}, {0: 1, 1: 4}])
def test_an_image_that_lacks_a_view(planted, tmp_path, lost):
    """One row is lost, or as many of either view but of other images."""
    table = pd.read_parquet(planted["embeddings"])
    rows = [table.index[table["view"] == view][number] for view, number in lost.items()]
    path = str(tmp_path / "embeddings.parquet")
    table.drop(index=rows).to_parquet(path, index=False)
    with pytest.raises(InputError, match="not every image has every view"):
        load_images(path, read_table(planted["patients"]), standardise=True)


def test_a_part_of_the_patients_keeps_their_images_and_clinical_columns(planted):
    cohort = read_table(planted["patients"]).iloc[::-1]
    images = load_images(planted["embeddings"], cohort, standardise=False)
    assert images.patients.tolist() == cohort["patient_id"].tolist()
    values = np.arange(2.0 * len(cohort)).reshape(-1, 2)
    chosen = np.isin(images.patients, ["P003", "P010"])
    part = images.with_columns(values).take(chosen)
    assert part.patients.tolist() == ["P010", "P003"]
    assert part.owner.tolist() == [0, 0, 0, 1, 1, 1, 1]  # P010 has three images, P003 four
    assert part.clinical == 2
    np.testing.assert_array_equal(part.vectors[1, :, -2:], values[chosen][part.owner])
    table = pd.read_parquet(planted["embeddings"]).query("patient_id == 'P003' and view == 1")
    np.testing.assert_array_equal(part.vectors[1, 3:, :-2], table.iloc[:, 3:])


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
