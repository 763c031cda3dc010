"""Which patients are for training, and the names of the cohorts."""

import numpy as np
import pandas as pd

COHORTS = ("training", "validation", "external")
"""In the order of tables, panels and columns."""

HELD_OUT = COHORTS[1:]
"""Those on whom nothing is fitted."""


def is_training(patients: pd.DataFrame) -> np.ndarray:
    """Return who is for training, by the column ``cohort``: bool, shape (n,)."""
    return patients["cohort"].eq("training").to_numpy(dtype=bool)


def training_patients(patients: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the training patients, as they stand."""
    return patients.loc[is_training(patients)]
