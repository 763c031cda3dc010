"""One patient's own table of features: a compressed TSV, each number to its last bit.

Ten thousand patients have as many of them, each read once. A parquet file of 700 columns and three
rows is nearly all metadata, thirty times as large and slow; and a step that writes text starts
without pandas and pyarrow, which take it longer to import than to measure a small tumour.
"""

import gzip
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from taceflow.files.atomic import atomic_path
from taceflow.files.stored_files import reading


def write_patient_table(
    rows: Sequence[Mapping[str, Any]], path: str | Path, columns: Sequence[str] = ()
) -> None:
    """Write a table whole.

    Parameters
    ----------
    rows : sequence of mapping
        Texts and numbers by column, all with the same columns. A float is written as the shortest
        text that reads back as the same number, one that is not finite as an empty cell.
    path : str or Path
        ``.tsv.gz``.
    columns : sequence of str
        Of a table without rows.
    """
    lines = [list(rows[0]) if rows else list(columns)]
    lines += [[_cell(row[name]) for name in lines[0]] for row in rows]
    text = "".join("\t".join(line) + "\n" for line in lines)
    with atomic_path(path) as temporary:
        # without a time stamp, so that the same numbers are the same file
        temporary.write_bytes(gzip.compress(text.encode(), mtime=0))


def read_patient_table(path: str | Path) -> list[dict[str, str]]:
    """Read what `write_patient_table` wrote, against its checksum: a text a cell.

    Raises
    ------
    DamagedFileError
        If the file is cut, changed, empty or missing.
    """
    with reading(path):
        header, *lines = gzip.decompress(Path(path).read_bytes()).decode().splitlines()
        columns = header.split("\t")
        return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else ""
    return str(value)
