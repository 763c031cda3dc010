"""Table S2: the features of the Radscore and their coefficients."""

import pandas as pd

from taceflow.radscore.names import r_name
from taceflow.tables import read_json, write_table

INTERCEPT = "(Intercept)"


def write_table_s2(*, model: str, table: str) -> None:
    """Write ``tables/table_s2.tsv``: the intercept, if there is one, then the features by name.

    Parameters
    ----------
    model : str
        ``radscore/model.json``.
    table : str
        Table to write; without rows if nothing was selected.
    """
    stored = read_json(model)
    rows = [] if stored["intercept"] is None else [(INTERCEPT, INTERCEPT, stored["intercept"])]
    rows += [(name, r_name(name), value) for name, value in sorted(stored["coefficients"].items())]
    frame = pd.DataFrame(rows, columns=["feature", "feature_r", "coefficient"])
    write_table(frame, table, "table_s2")
