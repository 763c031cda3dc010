"""The established scores: what each is called, what it is made of, and where its classes end.

Light, since fits, tables and figures read it; how a score is computed stands in `derived_scores`.
"""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """A score that a clinician would use instead of the study's models: one number a patient.

    Attributes
    ----------
    name : str
        Of its model in ``survival/``.
    column : str
        In the table of patients, brought by the sheet or derived.
    label, column_label, class_label : str
        Name in print of the model, of the column and of the classes.
    parts : tuple of str
        Columns from which it is computed; none if the sheet alone brings it.
    classes : tuple of str
        Their names in print, from the lowest values to the highest.
    limits : tuple of float
        Highest value of each class but the last.
    class_column : str, optional
        Column that numbers the classes from 1, if there is one.
    higher_is_worse : bool
        Whether a higher value goes with shorter survival.
    """

    name: str
    column: str
    label: str
    column_label: str
    class_label: str
    parts: tuple[str, ...]
    classes: tuple[str, ...]
    limits: tuple[float, ...]
    class_column: str | None = None
    higher_is_worse: bool = True

    def is_known_from(self, columns: Collection[str]) -> bool:
        """Say whether columns of the sheet bring the score or its classes, or allow to derive it.

        >>> SCORES["albi"].is_known_from({"albumin_g_l", "bilirubin_umol_l"})
        True
        >>> SCORES["child_pugh"].is_known_from({"albumin_g_l", "bilirubin_umol_l"})
        False
        """
        is_derived = bool(self.parts) and set(self.parts) <= set(columns)
        return self.column in columns or self.class_column in columns or is_derived


_ENTRIES = (
    # Johnson et al., J Clin Oncol 2015;33:550
    Score(
        name="albi",
        column="albi_score",
        label="ALBI",
        column_label="ALBI score",
        class_label="ALBI grade",
        parts=("albumin_g_l", "bilirubin_umol_l"),
        classes=("Grade 1", "Grade 2", "Grade 3"),
        limits=(-2.60, -1.39),
        class_column="albi_grade",
    ),
    # Bolondi et al., Semin Liver Dis 2012;32:348
    Score(
        name="bclc_b",
        column="bclc_b_substage",
        label="BCLC-B substage",
        column_label="BCLC-B substage",
        class_label="BCLC-B substage",
        parts=("child_pugh_score", "tumor_number", "tumor_size_cm"),
        classes=("B1", "B2", "B3", "B4"),
        limits=(1, 2, 3),
    ),
    # Pugh et al., Br J Surg 1973;60:646; no columns for ascites, encephalopathy and clotting
    Score(
        name="child_pugh",
        column="child_pugh_score",
        label="Child-Pugh",
        column_label="Child-Pugh score",
        class_label="Child-Pugh class",
        parts=(),
        classes=("A", "B", "C"),
        limits=(6, 9),
    ),
    # Kadalayil et al., Ann Oncol 2013;24:2565
    Score(
        name="hap",
        column="hap_score",
        label="HAP",
        column_label="HAP score",
        class_label="HAP",
        parts=("albumin_g_l", "bilirubin_umol_l", "afp_ng_ml", "tumor_size_cm"),
        classes=("A", "B", "C", "D"),
        limits=(0, 1, 2),
    ),
    # Wang et al., J Hepatol 2019;70:893
    Score(
        name="six_and_twelve",
        column="six_and_twelve_score",
        label="Six-and-twelve",
        column_label="Six-and-twelve score",
        class_label="Six-and-twelve",
        parts=("tumor_number", "tumor_size_cm"),
        classes=("Up to 6", "To 12", "Over 12"),
        limits=(6, 12),
    ),
)

SCORES = {score.name: score for score in _ENTRIES}
"""By name, in the order of tables; how to add one says CONTRIBUTING.md."""

OWN_SCORES = {"radscore": "radscore", "dlopctr": "images"}
"""Scores that the run itself makes, each with the part of a model that it is in a Cox model.

A column of such a name in the sheet is another's.
"""


def parts_beside_scores(columns: Collection[str]) -> dict[str, str]:
    """Return which of some columns are parts of which score among them.

    Given its parts a score is known, so that beside them its coefficient has no meaning, and
    theirs no sign that can be trusted: no model holds both. Classes are made of their score.

    Parameters
    ----------
    columns : collection of str
        Candidates of one model.

    Returns
    -------
    dict of str to str
        Of each part the first score of `SCORES` that is made of it.

    Examples
    --------
    >>> parts_beside_scores(["age_years", "albumin_g_l", "albi_score"])
    {'albumin_g_l': 'albi_score'}
    """
    found: dict[str, str] = {}
    for score in SCORES.values():
        # the classes first: beside them the score itself is left out
        made_of = {score.class_column: (score.column, *score.parts), score.column: score.parts}
        for whole, parts in made_of.items():
            if whole in columns:
                found |= {part: whole for part in parts if part in columns and part not in found}
    return found
