"""Rows of a table: its header, its columns, and what they hold."""

import pytest

from taceflow.errors import InputError
from taceflow.files.sheets.read import read_sheet


def test_the_numbers_of_rows_that_r_and_pandas_write_are_no_column(tmp_path, refused):
    path = tmp_path / "scans.csv"
    path.write_text(
        '"","patient_id","phase","image"\n"1","P1","arterial","a"\n"2","P2","portal","b"\n'
    )
    assert list(read_sheet(path, "scans")) == ["patient_id", "phase", "image"]
    path.write_text("patient_id,phase,image\nP1,arterial,a,see note\nP2,portal,b\n")
    assert "more fields than the header: behind 3 columns" in refused(path, "scans")


def test_a_comma_at_each_end_and_empty_lines_move_nothing(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text("patient_id,time_months,event,\n\nP1,3,1,\n,,,\nP2,4,0,\n,,,\n")
    read = read_sheet(path, "patients")
    assert read.to_dict("list") == {
        "patient_id": ["P1", "P2"],
        "time_months": [3, 4],
        "event": [1, 0],
    }
    path.write_text("patient_id,time_months,event\nP1,3,1,\nP2,4,0,\n")
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["P1", "P2"]


HEADER = ["patient_id", "time_months", "event"]


def text_file(path, *rows, separator=","):
    path.write_text("\n".join(separator.join(map(str, row)) for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_titles_and_rows_of_spaces_are_read_past_and_rows_keep_their_numbers(
    tmp_path, suffix, workbook
):
    rows = [
        ["TACE study, data of 2024", "", "", ""],
        ["", "", "", ""],
        [*HEADER, "sex"],
        ["P1", 3.5, 1, "female "],
        [" ", "\u00a0", " ", ""],
        ["P2\u00a0", 12, 0, "\u200bmale"],
    ]
    path = tmp_path / f"patients.{suffix}"
    if suffix == "xlsx":
        book = workbook(path, ("all", rows))
        # a title over all columns is merged, and no data
        book["all"].merge_cells("A1:D1")
        book.save(path)
    else:
        text_file(path, *rows)
    read = read_sheet(path, "patients")
    assert read.index.tolist() == [4, 6]
    assert read["patient_id"].tolist() == ["P1", "P2"]
    assert read["sex"].tolist() == ["female", "male"]
    assert read["time_months"].tolist() == [3.5, 12]


def test_true_and_false_in_the_language_of_a_spreadsheet(tmp_path):
    path = tmp_path / "p.csv"
    for yes, no in (("WAHR", "FALSCH"), ("VRAI", "FAUX"), ("истина", "ложь")):
        path.write_text(f"patient_id,event\nA,{yes}\nB,{no}\n", encoding="utf-8")
        assert read_sheet(path)["event"].tolist() == [1, 0]


@pytest.mark.parametrize(
    "text",
    [
        "patient_id,time_months\nA,3\npatient_id,time_months\nB,4\n",
        "patient_id,time_months\nA,3\n\n,patient_id\n",
    ],
)
def test_a_header_that_stands_again_is_named(tmp_path, text):
    path = tmp_path / "p.csv"
    path.write_text(text)
    row = 4 if "\n\n" in text else 3
    with pytest.raises(InputError, match=rf"is a header again.*\[.*p.csv, row {row}\]"):
        read_sheet(path)


def test_true_and_false_are_one_and_nought(tmp_path, workbook):
    path = tmp_path / "patients.csv"
    path.write_text("patient_id,time_months,event,mvi\n1,3,TRUE,FALSE\n2,4,FALSE,\n3,5,TRUE,TRUE\n")
    read = read_sheet(path, "patients")
    assert read["event"].tolist() == [1, 0, 1]
    assert read["mvi"].fillna(9).tolist() == [0, 9, 1]
    workbook(tmp_path / "p.xlsx", ("all", [HEADER, ["1", 3, True], ["2", 4, False]]))
    assert read_sheet(tmp_path / "p.xlsx", "patients")["event"].tolist() == [1, 0]
