"""Table S2: the features of the Radscore, their coefficients, and how often they are selected."""

import pandas as pd

from taceflow.files.tables import read_json, read_table, write_table
from taceflow.radiomics.names import r_name

INTERCEPT = "(Intercept)"

STABILITY = ["frequency", "resamples", "sign_flips"]


def write_table_s2(*, model: str, frequency: str | None, table: str) -> None:
    """Write ``tables/table_s2.tsv``: the intercept, if there is one, then the features by name.

    Parameters
    ----------
    model : str
        ``radscore/model.json``.
    frequency : str or None
        ``radscore/selection_frequency.tsv``; None for published coefficients.
    table : str
        Table to write; without rows if nothing was selected.
    """
    stored = read_json(model)
    rows = [] if stored["intercept"] is None else [(INTERCEPT, INTERCEPT, stored["intercept"])]
    rows += [(name, r_name(name), value) for name, value in sorted(stored["coefficients"].items())]
    frame = pd.DataFrame(rows, columns=["feature", "feature_r", "coefficient"])
    if frequency is None:
        frame[STABILITY] = None
    else:
        counted = read_table(frequency, "selection_frequency")
        counted[["resamples", "sign_flips"]] = counted[["resamples", "sign_flips"]].astype("Int64")
        frame = frame.merge(counted[["feature", *STABILITY]], on="feature", how="left")
    write_table(frame, table, "table_s2")
