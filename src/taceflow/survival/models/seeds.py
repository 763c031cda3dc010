"""The seeds of a network: what each predicts, and their mean, which is the model's prediction."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.files.tables import read_table
from taceflow.models import NETWORKS
from taceflow.survival.models.predictions import Predicted, curves_of, predicted_by_network


class SeedCurves:
    """What a network's seeds predict: each alone, and their mean.

    Parameters
    ----------
    path : str
        ``dlopctr/predictions_by_seed.tsv`` or ``combin_by_seed.tsv``.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        table = read_table(path, "dlopctr_predictions_by_seed")
        self._score = next(name for name in NETWORKS if name in table)
        self._seeds = [rows for _, rows in table.groupby("seed", sort=True)]

    def of(self, patients: Sequence[str], model: Mapping[str, Any]) -> list[Predicted]:
        """Return what each seed says of some patients."""
        found = []
        for rows in self._rows(patients):
            found.append(
                predicted_by_network(rows[self._score], curves_of(rows, model, self._path), model)
            )
        return found

    def mean(self, patients: Sequence[str], model: Mapping[str, Any]) -> Predicted:
        """Return what their mean says."""
        tables = self._rows(patients)
        scores = np.mean([table[self._score] for table in tables], axis=0)
        curves = np.mean([curves_of(table, model, self._path) for table in tables], axis=0)
        return predicted_by_network(scores, curves, model)

    def _rows(self, patients: Sequence[str]) -> list[pd.DataFrame]:
        wanted = pd.DataFrame({"patient_id": list(patients)})
        return [join_by_patient(wanted, table, file=self._path) for table in self._seeds]
