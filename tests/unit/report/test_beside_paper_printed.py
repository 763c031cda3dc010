"""The table beside the paper as it is printed: the digits of print, each gap named once."""

import numpy as np
import pandas as pd

from taceflow.files.schemas import validate_table
from taceflow.report.beside_paper import COLUMNS
from taceflow.report.beside_paper_printed import printed_beside_paper
from taceflow.report.beside_paper_table_s1 import table_s1_rows
from taceflow.report.manuscript import as_printed


def test_the_table_fits_its_schema_and_prints_the_digits_of_print(printed, finished):
    own = finished.tables["table_s1"]
    albi = own[own["variable"] == "albi_score"]
    others = [
        albi.assign(variable=name, level=level)
        for name, level in (
            ("child_pugh_score", None),
            ("tumor_location", "right"),
            ("afp_ng_ml", None),
        )
    ]
    rows = [*table_s1_rows(printed, pd.concat([own, *others]))]
    table = pd.DataFrame(rows, columns=COLUMNS)
    validate_table(table, "beside_paper", source="made")
    document = printed_beside_paper(table.astype({"printed_p": object}), "Beside")
    cells = {line.cells[0]: line.cells for line in reversed(document.lines)}
    assert cells["Child-Pugh score"][1] in ("1.447 (1.078–1.941)", "1.357 (0.995–1.851)")
    assert cells["Tumor location, right"][1] == "0.18 (0.86–1.70)"
    assert cells["DLOP-CTR"][2] == "<0.05"
    assert "AFP: alpha-fetoprotein;" in as_printed(table, "beside_paper").notes[-1]


def test_variables_that_the_sheet_lacks_are_named_once_below(printed, finished, one):
    """They were a row with 'no value in the cohort table' in each of two models."""
    own = finished.tables["table_s1"].astype({"note": object})
    row = own.index[own["variable"] == "made_0"]
    own.loc[row, ["variable", "note"]] = ["cirrhosis", "cirrhosis: no value in the cohort table"]
    own.loc[row, ["hr_uni", "hr_multi"]] = np.nan
    own.loc[row, ["n", "events"]] = 0
    rows = list(table_s1_rows(printed, own))
    assert one(rows, part="table_s1_univariate", item="cirrhosis")["remark"] == "not in this run"
    document = printed_beside_paper(pd.DataFrame(rows, columns=COLUMNS), "Beside")
    text = str(document.lines)
    assert "cohort table" not in text
    assert "Cirrhosis" not in text
    assert "ALBI score" in text
    assert "Table S1 has no values of them" in document.notes[0]
    assert document.notes[0].count("Cirrhosis") == 1
    assert "ALBI" not in document.notes[0]
