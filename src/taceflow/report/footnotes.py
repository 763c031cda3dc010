"""Footnotes of printed tables: marks behind rows, texts below the table."""

from collections.abc import Mapping

import pandas as pd

from taceflow.wording.names import with_labels
from taceflow.wording.printing import as_text, typographic


class Footnotes:
    """Footnotes in the order in which they are met, each text once, in the words of print.

    Parameters
    ----------
    labels : mapping of str to str
        Names in print of the sheet's columns.
    """

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels
        self._found: list[str] = []

    def mark(self, note: object) -> str:
        """Return the mark of a note, e.g. `` [1]``; empty if there is nothing to say."""
        text = as_text(note)
        if not text or text == "reference":
            return ""
        text = with_labels(text, self._labels)
        if text not in self._found:
            self._found.append(text)
        return f" [{self._found.index(text) + 1}]"

    @property
    def texts(self) -> tuple[str, ...]:
        """The footnotes with their marks."""
        return tuple(f"[{position + 1}] {text}" for position, text in enumerate(self._found))


def labels_of(table: pd.DataFrame) -> dict[str, str]:
    """Return the names in print of a table's variables, by column of the sheet."""
    return {row.variable: typographic(row.label) for row in table.itertuples()}
