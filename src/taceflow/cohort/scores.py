"""Scores that follow from other columns: ALBI, BCLC-B substage, HAP, six-and-twelve."""

import numpy as np
import pandas as pd

ALBI_GRADE_CUTS = (-2.60, -1.39)
"""Johnson et al., J Clin Oncol 2015;33:550: grade 1 up to -2.60, grade 3 above -1.39."""

UP_TO_SEVEN = 7.0
"""Number of tumours plus the largest diameter in cm: Mazzaferro, Lancet Oncol 2009;10:35."""

HAP_LIMITS = {
    "albumin_g_l": ("below", 36.0),
    "bilirubin_umol_l": ("above", 17.0),
    "afp_ng_ml": ("above", 400.0),
    "tumor_size_cm": ("above", 7.0),
}
"""A point each: Kadalayil et al., Ann Oncol 2013;24:2565."""


def add_clinical_scores(patients: pd.DataFrame) -> pd.DataFrame:
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
    return add_six_and_twelve(add_hap(add_bclc_b_substage(add_albi(patients))))


def add_albi(patients: pd.DataFrame) -> pd.DataFrame:
    """Add the albumin-bilirubin score and grade where albumin and bilirubin are there.

    Parameters
    ----------
    patients : pandas.DataFrame
        With ``albumin_g_l`` (g/L) and ``bilirubin_umol_l`` (umol/L), if they were measured.

    Returns
    -------
    pandas.DataFrame
        A copy; scores that the sheet brings are kept.

    Notes
    -----
    ALBI = 0.66 log10(bilirubin) - 0.085 albumin: Johnson et al., J Clin Oncol 2015;33:550.
    """
    filled = patients.copy()
    if {"albumin_g_l", "bilirubin_umol_l"} <= set(filled):
        score = 0.66 * np.log10(filled["bilirubin_umol_l"]) - 0.085 * filled["albumin_g_l"]
        _fill(filled, "albi_score", score)
    if "albi_score" in filled:
        low, high = ALBI_GRADE_CUTS
        score = filled["albi_score"]
        grade = (1 + (score > low).astype(int) + (score > high)).where(score.notna())
        _fill(filled, "albi_grade", grade)
    return filled


def add_bclc_b_substage(patients: pd.DataFrame) -> pd.DataFrame:
    """Add the BCLC-B substage where the sheet does not bring it and it can be derived.

    Parameters
    ----------
    patients : pandas.DataFrame
        With ``child_pugh_score``, ``tumor_number`` and ``tumor_size_cm``, if they are known.

    Returns
    -------
    pandas.DataFrame
        A copy; substages that the sheet brings are kept. Child-Pugh 10 and more, and macrovascular
        invasion (``mvi``), are no BCLC B and stay empty.

    Notes
    -----
    Bolondi et al., Semin Liver Dis 2012;32:348, for performance status 0 and no tumour in the
    portal vein. B1: Child-Pugh 5-7, within up-to-7; beyond it B2 with Child-Pugh 5-6 and B3
    with 7; B4: Child-Pugh 8-9.
    """
    filled = patients.copy()
    if {"child_pugh_score", "tumor_number", "tumor_size_cm"} <= set(filled):
        child_pugh = filled["child_pugh_score"]
        burden = filled["tumor_number"] + filled["tumor_size_cm"]
        substage = pd.Series(np.nan, filled.index)
        substage[(child_pugh <= 7) & (burden <= UP_TO_SEVEN)] = 1
        substage[(child_pugh <= 6) & (burden > UP_TO_SEVEN)] = 2
        substage[(child_pugh == 7) & (burden > UP_TO_SEVEN)] = 3
        substage[child_pugh.between(8, 9)] = 4
        if "mvi" in filled:
            substage[filled["mvi"] == 1] = np.nan
        _fill(filled, "bclc_b_substage", substage)
    return filled


def add_hap(patients: pd.DataFrame) -> pd.DataFrame:
    """Add the hepatoma arterial-embolisation prognostic score, 0 to 4 points.

    Parameters
    ----------
    patients : pandas.DataFrame
        With ``albumin_g_l``, ``bilirubin_umol_l``, ``afp_ng_ml`` and ``tumor_size_cm``, if they
        are known.

    Returns
    -------
    pandas.DataFrame
        A copy; a patient who lacks one of the four has no score.

    Notes
    -----
    Kadalayil et al., Ann Oncol 2013;24:2565: HAP A to D are 0, 1, 2 and more points.
    """
    filled = patients.copy()
    if set(HAP_LIMITS) <= set(filled):
        points = pd.Series(0.0, filled.index)
        for column, (side, limit) in HAP_LIMITS.items():
            value = filled[column]
            reached = value < limit if side == "below" else value > limit
            points += reached.astype(float).where(value.notna())
        _fill(filled, "hap_score", points)
    return filled


def add_six_and_twelve(patients: pd.DataFrame) -> pd.DataFrame:
    """Add the six-and-twelve score: tumour number plus largest diameter in cm.

    Parameters
    ----------
    patients : pandas.DataFrame
        With ``tumor_number`` and ``tumor_size_cm``, if they are known.

    Returns
    -------
    pandas.DataFrame
        A copy.

    Notes
    -----
    Wang et al., J Hepatol 2019;70:893: strata end at 6 and at 12.
    """
    filled = patients.copy()
    if {"tumor_number", "tumor_size_cm"} <= set(filled):
        total = filled["tumor_number"] + filled["tumor_size_cm"]
        _fill(filled, "six_and_twelve_score", total)
    return filled


def _fill(table: pd.DataFrame, column: str, derived: pd.Series) -> None:
    table[column] = table[column].fillna(derived) if column in table else derived
