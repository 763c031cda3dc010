"""The abbreviations of a printed table, spelled out below it."""

import re
from collections.abc import Iterable
from dataclasses import replace

from taceflow.wording.printed_table import PrintedTable

ABBREVIATIONS = {
    "AFP": "alpha-fetoprotein",
    "AIC": "Akaike's information criterion",
    "ALB": "albumin",
    "ALBI": "albumin-bilirubin",
    "ALT": "alanine aminotransferase",
    "AST": "aspartate aminotransferase",
    "AUC": "area under the ROC curve",
    "BCLC": "Barcelona Clinic Liver Cancer",
    "HAP": "hepatoma arterial-embolisation prognostic",
    "HU": "Hounsfield unit",
    "ICC": "intraclass correlation coefficient",
    "MVI": "macrovascular invasion",
    "NR": "not reached",
    "PVA": "polyvinyl alcohol",
    "ROC": "receiver operating characteristic",
    "SD": "standard deviation",
    "TACE": "transarterial chemoembolisation",
    "TBIL": "total bilirubin",
}
"""Abbreviations of the printed tables; DLOP-CTR and its kin are names."""


def with_abbreviations(table: PrintedTable) -> PrintedTable:
    """Return a table with a last footnote that spells out the abbreviations in it.

    Those that a footnote spells out already ("NR: not reached") are left to it.
    """
    notes = " ".join(table.notes)
    texts = [*table.columns, *(name for name, _ in table.groups), notes]
    texts += [cell for line in table.lines for cell in line.cells]
    used = [name for name in _found(texts) if f"{name}: {ABBREVIATIONS[name]}" not in notes]
    if not used:
        return table
    note = "; ".join(f"{name}: {ABBREVIATIONS[name]}" for name in used) + "."
    return replace(table, notes=(*table.notes, note))


def _found(texts: Iterable[str]) -> list[str]:
    # words only: the AST of "AST (U/L)", not that of a feature's or a file's name
    words = set(re.findall(r"(?<![\w./-])[A-Z]{2,5}(?![\w/]|\.\w)", " ".join(texts)))
    found = sorted(words & set(ABBREVIATIONS))
    # an area under the ROC curve needs both words
    return sorted({*found, "ROC"}) if "AUC" in found else found
