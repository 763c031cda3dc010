"""Who was left out before the study."""

import pandas as pd
import pytest

from taceflow.cohort.screening import read_screening
from taceflow.errors import InputError

PATIENTS = [f"P{number:03d}" for number in range(1, 321)]


@pytest.fixture
def write(tmp_path):
    def write(rows, suffix=".tsv"):
        table = pd.DataFrame(rows, columns=["reason", "n", "patient_id"])
        path = tmp_path / f"screening{suffix}"
        if suffix == ".xlsx":
            table.to_excel(path, index=False)
        else:
            table.to_csv(path, sep="\t", index=False)
        return str(path)

    return write


@pytest.mark.parametrize("suffix", [".tsv", ".xlsx"])
def test_numbers_and_ids_are_counted_in_the_tables_order(write, suffix):
    rows = [
        ("screened", 500, None),
        ("prior treatment", 120, None),
        *[("no CT", None, f"X{number}") for number in range(58)],
        ("lost: moved, abroad (n unknown)", 2, None),
        ("died before TACE", 0, None),
    ]
    assert read_screening(write(rows, suffix), PATIENTS) == [
        ("prior treatment", 120),
        ("no CT", 58),
        ("lost: moved, abroad (n unknown)", 2),
        ("died before TACE", 0),
    ]
    assert read_screening(write(rows[1:2], suffix), PATIENTS) == [("prior treatment", 120)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("no CT", -3, None)], "row 2: n: "),
        ([("no CT", 2.5, None)], "row 2: n: "),
        ([(None, 3, None)], "row 2: "),
        ([("no CT", None, None)], r"neither n nor a patient_id \[.*row 2\]"),
        ([("no CT", 3, "X1")], "both n and a patient_id"),
        ([("no CT", 3, None), ("no CT", 4, None)], "'no CT' is counted in more than one row"),
        ([("no CT", 3, None), ("no CT", None, "X1")], "'no CT' is counted in more than one row"),
        ([("no CT", None, "P001")], "patient P001: was left out before the study, and is in"),
        ([("no CT", None, "p1")], r"patient P001: was left out.*row 2\]\. Take the row out of"),
        (
            [("Screened", 500, None), ("no CT", 60, None)],
            r"500 were screened and 60 left out.*320,",
        ),
        ([("screened", 300, None)], "300 were screened and 0 left out, and the table of patients"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(write, rows, words):
    with pytest.raises(InputError, match=words):
        read_screening(write(rows), PATIENTS)


def test_no_message_has_an_id_that_is_not_the_studys(write):
    rows = [("no CT", None, "KH-778812"), ("prior treatment", None, "kh 778812")]
    with pytest.raises(InputError, match=r"stands in one above it \[.*row 3\]") as caught:
        read_screening(write(rows), PATIENTS)
    assert "778812" not in str(caught.value)


def test_a_sum_is_no_reason(tmp_path):
    path = tmp_path / "screening.tsv"
    path.write_text("reason\tn\nTotal\t10\nno CT\t7\n")
    with pytest.raises(
        InputError, match=r"'Total' is no reason.*row 2\]. Call the row.*'screened'"
    ):
        read_screening(str(path), ["P1", "P2", "P3"])
