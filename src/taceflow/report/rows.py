"""Which rows of a run's tables are printed, and how many patients stand behind them."""

import pandas as pd

from taceflow.wording.printing import EN_DASH


def with_values(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of variables that any patient has a value of.

    The configuration may list variables that a study's sheet has never had: the tables with full
    precision say so, but in print nothing can be said of them.

    Parameters
    ----------
    table : pandas.DataFrame
        ``variable``; patients with a value in ``n``, or by cohort in ``n_<cohort>``.
    """
    counts = table[[name for name in table if name == "n" or name.startswith("n_")]]
    known = (counts.fillna(0) > 0).any(axis="columns")
    return table[known.groupby(table["variable"]).transform("any").astype(bool)]


def patients_behind(table: pd.DataFrame, suffix: str = "", deaths: str = "events") -> str:
    """Return ``n = 98–101, deaths 60–61``: those behind a column of a table.

    Parameters
    ----------
    table : pandas.DataFrame
        ``n`` and deaths of each row's model; missing where there is none.
    suffix : str
        ``_multi`` for the multivariate model's columns.
    deaths : str
        Column of the deaths.

    Returns
    -------
    str
        A range where they differ by variable; empty if no model was fitted.
    """
    counts = table[[f"n{suffix}", f"{deaths}{suffix}"]].dropna().astype(int)
    counts = counts[counts.iloc[:, 0] > 0]
    if counts.empty:
        return ""

    def span(values: pd.Series) -> str:
        low, high = values.min(), values.max()
        return f"{low}" if low == high else f"{low}{EN_DASH}{high}"

    return f"n = {span(counts.iloc[:, 0])}, deaths {span(counts.iloc[:, 1])}"
