"""A network with its seeds: whose rows are taken, and from which table."""

import numpy as np
import pandas as pd
import pytest

from taceflow.survival.models.predictions_by_seed import predicted_with_seeds

MODEL = {"breaks_months": [0.0, 10.0, 20.0]}


def written(scores, **columns):
    """Return a table in which survival at the breaks follows from the score."""
    table = pd.DataFrame({"patient_id": ["A", "B", "C"], "cohort": "training", **columns})
    table["dlop_combin"] = scores
    table["survival_at_10.00_months"] = table["dlop_combin"] ** 0.5
    table["survival_at_20.00_months"] = table["dlop_combin"]
    return table


@pytest.fixture
def files(tmp_path):
    written([0.3, 0.5, 0.7], out_of_fold=1).to_csv(tmp_path / "combin.tsv", sep="\t", index=False)
    seeds = [written([0.7, 0.6, 0.5], seed=10), written([0.2, 0.4, 0.8], seed=2)]
    pd.concat(seeds).to_csv(tmp_path / "combin_by_seed.tsv", sep="\t", index=False)
    names = {"predictions": "combin.tsv", "by_seed": "combin_by_seed.tsv"}
    return {key: str(tmp_path / name) for key, name in names.items()}


def test_a_prediction_is_the_tables_and_seeds_come_in_their_order(files):
    mean, apart = predicted_with_seeds("dlop_combin", MODEL, ["C", "A"], **files)
    expected = [[0.7, 0.3], [0.8, 0.2], [0.5, 0.7]]  # the table's, seed 2, seed 10
    for found, scores in zip((mean, *apart), expected, strict=True):
        np.testing.assert_allclose(found.risk, 1 - np.array(scores))
        # halfway between 1 and survival at the first break
        at_5 = (1 + np.sqrt(scores)) / 2
        np.testing.assert_allclose(found.survival(np.array([5.0]))[:, 0], at_5)
