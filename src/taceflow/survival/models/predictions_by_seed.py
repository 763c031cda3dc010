"""What a network says of some patients: its prediction, and what each of its seeds alone says."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.files.tables import read_table
from taceflow.survival.models.predictions import Predicted, curves_of, predicted_by_network


def predicted_with_seeds(
    name: str, model: Mapping[str, Any], patients: Sequence[str], *, predictions: str, by_seed: str
) -> tuple[Predicted, list[Predicted]]:
    """Return what a network predicts, averaged over its seeds when it was applied, and by seed.

    Parameters
    ----------
    name : str
        One of `NETWORKS`.
    model : mapping
        Its entry in ``survival/models.json``.
    patients : sequence of str
        Their ids.
    predictions, by_seed : str
        Its tables, ``dlopctr/predictions.tsv`` or ``combin.tsv`` and that of each seed.
    """
    wanted = pd.DataFrame({"patient_id": list(patients)})

    def said(table: pd.DataFrame, path: str) -> Predicted:
        rows = join_by_patient(wanted, table, file=path)
        return predicted_by_network(rows[name], curves_of(rows, model, path), model)

    seeds = read_table(by_seed, "dlopctr_predictions_by_seed").groupby("seed", sort=True)
    mean = said(read_table(predictions, "dlopctr_predictions"), predictions)
    return mean, [said(table, by_seed) for _, table in seeds]
