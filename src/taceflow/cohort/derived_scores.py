"""Scores that follow from other columns, computed where the sheet does not bring them."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from taceflow.scores import SCORES, Score

UP_TO_SEVEN = 7.0
"""Number of tumours plus the largest diameter in cm: Mazzaferro, Lancet Oncol 2009;10:35."""

HAP_LIMITS = {
    "albumin_g_l": ("below", 36.0),
    "bilirubin_umol_l": ("above", 17.0),
    "afp_ng_ml": ("above", 400.0),
    "tumor_size_cm": ("above", 7.0),
}
"""A point each: Kadalayil et al., Ann Oncol 2013;24:2565."""


def add_derived_scores(patients: pd.DataFrame) -> pd.DataFrame:
    """Add every score that the sheet's columns allow; scores that it brings are kept.

    Parameters
    ----------
    patients : pandas.DataFrame
        The sheet.

    Returns
    -------
    pandas.DataFrame
        A copy.
    """
    filled = patients.copy()
    for score in SCORES.values():
        if score.name in DERIVATIONS and set(score.parts) <= set(filled):
            _fill(filled, score.column, DERIVATIONS[score.name](filled))
        if score.class_column and score.column in filled:
            _fill(filled, score.class_column, class_numbers(score, filled[score.column]))
    return filled


def class_numbers(score: Score, values: pd.Series) -> pd.Series:
    """Return the number of each value's class, from 1; missing where the value is.

    >>> class_numbers(SCORES["child_pugh"], pd.Series([5, 6, 7, None])).tolist()
    [1.0, 1.0, 2.0, nan]
    """
    numbers = np.searchsorted(score.limits, values, side="left") + 1
    return pd.Series(numbers, values.index).where(values.notna())


def _albi(patients: pd.DataFrame) -> pd.Series:
    """Return the albumin-bilirubin score: Johnson et al., J Clin Oncol 2015;33:550."""
    return 0.66 * np.log10(patients["bilirubin_umol_l"]) - 0.085 * patients["albumin_g_l"]


def _bclc_b(patients: pd.DataFrame) -> pd.Series:
    """Return the BCLC-B substage, 1 to 4: Bolondi et al., Semin Liver Dis 2012;32:348.

    For performance status 0 and no tumour in the portal vein. B1: Child-Pugh 5-7, within up-to-7;
    beyond it B2 with Child-Pugh 5-6 and B3 with 7; B4: Child-Pugh 8-9. Child-Pugh 10 and more, and
    macrovascular invasion (``mvi``), are no BCLC B and stay empty.
    """
    child_pugh = patients["child_pugh_score"]
    burden = patients["tumor_number"] + patients["tumor_size_cm"]
    substage = pd.Series(np.nan, patients.index)
    substage[(child_pugh <= 7) & (burden <= UP_TO_SEVEN)] = 1
    substage[(child_pugh <= 6) & (burden > UP_TO_SEVEN)] = 2
    substage[(child_pugh == 7) & (burden > UP_TO_SEVEN)] = 3
    substage[child_pugh.between(8, 9)] = 4
    if "mvi" in patients:
        substage[patients["mvi"] == 1] = np.nan
    return substage


def _hap(patients: pd.DataFrame) -> pd.Series:
    """Return the hepatoma arterial-embolisation prognostic score, 0 to 4 points.

    Kadalayil et al., Ann Oncol 2013;24:2565. A patient who lacks one of the four has none.
    """
    points = pd.Series(0.0, patients.index)
    for column, (side, limit) in HAP_LIMITS.items():
        value = patients[column]
        reached = value < limit if side == "below" else value > limit
        points += reached.astype(float).where(value.notna())
    return points


def _six_and_twelve(patients: pd.DataFrame) -> pd.Series:
    """Return tumour number plus largest diameter in cm: Wang et al., J Hepatol 2019;70:893."""
    return patients["tumor_number"] + patients["tumor_size_cm"]


DERIVATIONS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "albi": _albi,
    "bclc_b": _bclc_b,
    "hap": _hap,
    "six_and_twelve": _six_and_twelve,
}
"""By the score's name, from patients with its parts to the score."""


def _fill(table: pd.DataFrame, column: str, derived: pd.Series) -> None:
    table[column] = table[column].fillna(derived) if column in table else derived
