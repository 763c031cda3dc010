"""Tables that people make: read as they were meant, or refused by row and remedy."""

import os
import resource
import zipfile

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from taceflow.errors import InputError
from taceflow.files.sheets.ids import check_alike, check_known
from taceflow.files.sheets.read import read_sheet


def patients(**columns):
    base = {"patient_id": ["A1", "A2"], "time_months": [3.5, 12.0], "event": [1, 0]}
    return pd.DataFrame(base | columns)


def write_sheet(path, frame):
    frame.to_csv(path, sep="\t" if path.suffix == ".tsv" else ",", index=False)
    return path


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"event": [1, 2]}, ["A2", "event", "2"]),
        ({"time_months": [-1.0, 4.0]}, ["A1", "time_months", "-1"]),
        ({"time_months": ["long", 4.0]}, ["A1", "time_months", "long"]),
        ({"patient_id": ["A1", "A1"]}, ["A1", "more than one row"]),
        ({"sex": ["male", "m"]}, ["A2", "sex", "'m'"]),
        ({"patient_id": ["A1", None]}, ["patient_id", "empty"]),
    ],
)
def test_a_bad_sheet_is_refused_with_patient_and_column(tmp_path, columns, words):
    path = write_sheet(tmp_path / "patients.tsv", patients(**columns))
    with pytest.raises(InputError) as raised:
        read_sheet(path, "patients")
    assert all(word in str(raised.value) for word in words)
    assert "patients.tsv" in str(raised.value)


def test_a_missing_column_is_named(tmp_path):
    path = write_sheet(tmp_path / "patients.csv", patients().drop(columns="event"))
    with pytest.raises(InputError, match="column 'event' is missing"):
        read_sheet(path, "patients")


def test_missing_follow_up_and_extra_columns_are_let_through(tmp_path):
    sheet = patients(event=[1, None], time_months=[3.5, None], platelets=[200, 150])
    read = read_sheet(write_sheet(tmp_path / "patients.tsv", sheet), "patients")
    assert read["event"].isna().tolist() == [False, True]
    assert "platelets" in read


def test_ids_stay_text(tmp_path):
    path = write_sheet(tmp_path / "patients.tsv", patients(patient_id=["001", "002"]))
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["001", "002"]


def test_a_spreadsheet_reads_like_a_text_table(tmp_path):
    path = tmp_path / "patients.xlsx"
    patients(patient_id=["001", "002"]).to_excel(path, index=False)
    read = read_sheet(path, "patients")
    assert read["patient_id"].tolist() == ["001", "002"]
    assert read["time_months"].tolist() == [3.5, 12.0]


FATAL = ("12e4039999999x", "1e3217425081", "4e2147483650")


"""Texts whose exponent overflows in pandas 2.3's quick way to read a number: the process dies."""


@pytest.mark.parametrize("suffix", ["tsv", "csv", "xlsx"])
def test_a_text_like_a_number_out_of_range_does_not_end_the_process(tmp_path, suffix):
    path = tmp_path / f"patients.{suffix}"
    sheet = pd.DataFrame({"patient_id": ["A1", "A2", "A3"], "scanner_key": FATAL})
    if suffix == "xlsx":
        sheet.to_excel(path, index=False)
    else:
        write_sheet(path, sheet)
    assert [str(value) for value in read_sheet(path)["scanner_key"]] == list(FATAL)


def test_cells_that_hold_numbers_as_text_are_numbers(tmp_path):
    path = tmp_path / "patients.xlsx"
    columns = {
        "patient_id": [7, 8, 9],
        "dicom_patient_id": ["007", None, 12],
        "age_years": ["61", "70.5", None],
        "event": [1, 0, 1],
        "hepatitis": ["B", 2, None],
    }
    pd.DataFrame(columns).to_excel(path, index=False)
    read = read_sheet(path)
    assert read["patient_id"].tolist() == ["7", "8", "9"]
    assert read["dicom_patient_id"].tolist()[::2] == ["007", "12"]
    assert read["age_years"].tolist()[:2] == [61, 70.5]
    assert read["event"].dtype == np.int64
    assert read["hepatitis"].tolist()[:2] == ["B", 2]
    assert read.isna().sum().to_dict() == dict(zip(columns, [0, 1, 1, 0, 1], strict=True))


def workbook(path, *sheets, formulas=()):
    """Write sheets of rows; the first row of each is its header."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for cell, formula in formulas:
        book.worksheets[0][cell] = formula
    book.save(path)
    return book


ROWS = [["patient_id", "time_months", "event"], ["001", 3.5, 1], ["002", 12, 0]]


def refused(path, schema="patients"):
    with pytest.raises(InputError) as raised:
        read_sheet(path, schema)
    assert path.name in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_none_is_a_level_and_na_is_missing(tmp_path, suffix):
    path = tmp_path / f"patients.{suffix}"
    rows = [
        ["patient_id", "time_months", "event", "ascites", "afp_ng_ml"],
        ["1", 3.5, 1, "None", "NA"],
        ["2", 12, 0, "Mild", 7],
        ["3", 2, 1, "n/a", ""],
    ]
    if suffix == "xlsx":
        workbook(path, ("all", rows))
    else:
        path.write_text("\n".join(",".join(map(str, row)) for row in rows))
    read = read_sheet(path, "patients")
    assert read["ascites"].fillna("missing").tolist() == ["None", "Mild", "missing"]
    assert read["afp_ng_ml"].isna().tolist() == [True, False, True]


def test_a_header_in_capitals_is_not_another_column(tmp_path):
    path = write_sheet(tmp_path / "patients.tsv", patients(**{"Cohort": ["training", "external"]}))
    assert "column 'Cohort' is nearly 'cohort': rename it" in refused(path)
    path = write_sheet(path, patients().rename(columns={"event": "Event (0/1)"}))
    assert "column 'event' is missing; did you mean 'Event (0/1)'" in refused(path)
    own = {"Time (months)": [3.5, 12], "tumour_size_cm": [4, 5]}
    sheet = patients(**own).drop(columns="time_months")
    message = refused(write_sheet(path, sheet))
    assert "column 'Time (months)' is nearly 'time_months': rename it" in message
    assert "column 'tumour_size_cm' is nearly 'tumor_size_cm': rename it" in message


def test_a_missing_column_is_named_beside_those_that_are_there(tmp_path):
    path = write_sheet(tmp_path / "patients.tsv", patients().drop(columns="event"))
    assert "column 'event' is missing (found: patient_id, time_months)" in refused(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("patient_id,time_months,event\nP1,3,1,x\n", "more fields than the header"),
        ("patient_id;time_months;event\nP1;3,5;1\n", "separated by a semicolon"),
        ("patient_id,event,event,time_months\nP1,1,0,3\n", "column 'event' stands twice"),
        (
            'patient_id,time_months,event,note\nP1,3,1,"a\nP2,4,0,x\nP3,4,0,"b\n',
            "patients.csv, row 2]",
        ),
        ("patient_id,time_months,event\nP\x001,3,1\n", "zero bytes"),
        ("", "the table is empty"),
    ],
)
def test_text_that_would_be_misread_is_refused(tmp_path, content, words):
    path = tmp_path / "patients.csv"
    path.write_text(content)
    assert words in refused(path)


def test_what_is_no_utf_8_is_told(tmp_path):
    path = tmp_path / "patients.tsv"
    for encoding, words in (("utf-16", "zero bytes"), ("latin-1", "no UTF-8 text")):
        path.write_bytes("patient_id\ttime_months\tevent\nMüller\t3\t1\n".encode(encoding))
        assert words in refused(path)
        assert "Save it as UTF-8" in refused(path)


def test_a_comma_at_each_end_and_empty_lines_move_nothing(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text("patient_id,time_months,event,\n\nP1,3,1,\n,,,\nP2,4,0,\n,,,\n")
    read = read_sheet(path, "patients")
    assert read.to_dict("list") == {
        "patient_id": ["P1", "P2"], "time_months": [3, 4], "event": [1, 0]
    }  # fmt: skip
    path.write_text("patient_id,time_months,event\nP1,3,1,\nP2,4,0,\n")
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["P1", "P2"]


def test_one_bad_cell_blames_no_other(tmp_path):
    values = ["3,5", *map(float, range(1, 12))]
    ids = [f"P{number}" for number in range(12)]
    sheet = pd.DataFrame({"patient_id": ids, "time_months": values, "event": 1})
    for suffix in ("tsv", "csv"):
        message = refused(write_sheet(tmp_path / f"patients.{suffix}", sheet))
        assert "patient P0: time_months: '3,5'" in message
        assert "a decimal comma: write 3.5" in message
        assert "P1" not in message


def test_true_and_false_are_one_and_nought(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text("patient_id,time_months,event,mvi\n1,3,TRUE,FALSE\n2,4,FALSE,\n3,5,TRUE,TRUE\n")
    read = read_sheet(path, "patients")
    assert read["event"].tolist() == [1, 0, 1]
    assert read["mvi"].fillna(9).tolist() == [0, 9, 1]
    workbook(tmp_path / "p.xlsx", ("all", [ROWS[0], ["1", 3, True], ["2", 4, False]]))
    assert read_sheet(tmp_path / "p.xlsx", "patients")["event"].tolist() == [1, 0]


def test_the_sheet_that_holds_the_table_is_found(tmp_path):
    path = tmp_path / "patients.xlsx"
    legend = ("Legend", [["column", "meaning"], ["event", "died"]])
    workbook(path, legend, ("2024", ROWS))
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["001", "002"]
    book = workbook(path, ("old", [ROWS[0], ["009", 1, 1]]), ("2024", ROWS))
    assert "several sheets hold such a table (old, 2024)" in refused(path)
    book["old"].sheet_state = "hidden"
    book.save(path)
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["001", "002"]


def test_formulas_count_by_what_excel_stored(tmp_path):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", ROWS), formulas=[("B2", "=365/30.4375")])
    message = refused(path)
    assert "the formula in cell B2 has no stored value" in message
    assert "sheet 'all'" in message


def test_errors_and_merged_cells_are_refused(tmp_path):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", ROWS))
    book["all"]["B3"] = "#DIV/0!"
    book.save(path)
    assert "cell B3 holds the error #DIV/0!" in refused(path)
    book["all"]["B3"] = 4
    book["all"].merge_cells("C2:C3")
    book.save(path)
    assert "cells are merged (C2:C3)" in refused(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + bytes(600), b"a,b"])
@pytest.mark.parametrize("suffix", ["xlsx", "parquet"])
def test_a_damaged_file_is_one_message(tmp_path, content, suffix):
    path = tmp_path / f"patients.{suffix}"
    path.write_bytes(content)
    assert "cannot read the" in refused(path)


def test_a_folder_is_no_table(tmp_path):
    (tmp_path / "patients.csv").mkdir()
    for folder in ("patients.csv", "."):
        message = refused(tmp_path / folder)
        assert "the table is a folder" in message
        assert "Name the file in it" in message
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is a pipe or a device" in refused(tmp_path / "pipe.csv")


def test_an_id_ends_with_its_line(tmp_path):
    workbook(tmp_path / "p.xlsx", ("all", [ROWS[0], ["P1\n", 3, 1]]))
    assert read_sheet(tmp_path / "p.xlsx", "patients")["patient_id"].tolist() == ["P1"]


def rewritten(path, change):
    """Write a workbook again, its parts as a function of their names and content returns them."""
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w") as target:
        for name, content in parts.items():
            target.writestr(name, change(name, content))


HEADER = ["patient_id", "time_months", "event"]


def text_file(path, *rows, separator=","):
    path.write_text("\n".join(separator.join(map(str, row)) for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_titles_and_rows_of_spaces_are_read_past_and_rows_keep_their_numbers(tmp_path, suffix):
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


def test_spaces_around_a_phase_do_not_count(tmp_path):
    path = tmp_path / "scans.csv"
    path.write_text("patient_id,phase,image\nP1,arterial ,ct/P1\nP2, arterial,ct/P2 \n")
    read = read_sheet(path, "scans")
    assert read["phase"].tolist() == ["arterial"] * 2
    assert read["image"].tolist() == ["ct/P1", "ct/P2"]


def test_a_message_names_the_row_that_the_program_shows(tmp_path):
    rows = [HEADER, ["P1", 3, 1], ["", "", ""], ["P2", -4, 0], ["P3", 5, "dead"], ["", 55, ""]]
    path = text_file(tmp_path / "patients.csv", *rows)
    message = refused(path)
    assert "patient P2: time_months: -4 is not above 0 (row 4)" in message
    assert "patient P3: event: 'dead' is none of 0, 1 (1: died, 0: alive at" in message
    assert "last contact) (row 5)" in message
    assert "row 6: 'patient_id' is empty" in message


def test_the_same_fault_in_many_rows_is_told_once(tmp_path):
    rows = [[f"P{number}", 3, 1, "M"] for number in range(100)]
    path = text_file(tmp_path / "patients.csv", [*HEADER, "sex"], *rows)
    message = refused(path)
    assert message.count("is none of female, male") == 1
    assert "did you mean 'male'" in message
    assert "(row 2); the same in patient P1 (row 3), patient P2 (row 4)" in message
    assert "and 96 more" in message


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('"1,234"', "1234 if it parts thousands, 1.234 if it is a decimal comma"),
        ('"3,5"', "a decimal comma: write 3.5"),
        ("2024-05-03", "a date: write the number"),
        ("3.5.2024", "a date"),
        ("-9", "-9 is not above 0 (a code for missing? Leave the cell empty)"),
        ("unknown", "leave the cell empty"),
        ("12 months", "without its unit"),
    ],
)
def test_a_time_that_is_no_number_is_told_how_to_be_written(tmp_path, cell, words):
    path = tmp_path / "patients.csv"
    path.write_text(f"patient_id,time_months,event\nP1,{cell},1\nP2,3,1\n")
    message = refused(path)
    assert "patient P1: time_months: " in message
    assert "(row 2)" in message
    assert words in message


def test_a_date_in_a_workbook_is_called_one(tmp_path):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", pd.Timestamp("2024-05-03").to_pydatetime(), 1]]))
    assert "'2024-05-03' is no number (a date: write the number; in a spreadsheet" in refused(path)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_no_message_holds_a_regular_expression(tmp_path, suffix):
    path = tmp_path / f"patients.{suffix}"
    rows = [HEADER, ["Anna Müller", 3, 1]]
    if suffix == "csv":
        text_file(path, *rows)
    else:
        workbook(path, ("all", rows))
    message = refused(path)
    assert "an id has letters, digits" in message
    assert "[A-Z" not in message
    assert "schema" not in message


def test_one_workbook_may_hold_all_tables(tmp_path):
    path = tmp_path / "study.xlsx"
    patients = [HEADER, ["P1", 3, 1]]
    scans = [["patient_id", "phase", "image"], ["P1", "arterial", "ct/P1"]]
    masks = [
        ["patient_id", "phase", "reader", "reading", "mask"],
        ["P1", "arterial", 1, 1, "m.nii"],
    ]
    workbook(path, ("Patients", patients), ("Scans", scans), ("segmentations", masks))
    assert read_sheet(path, "patients").shape == (1, 3)
    assert read_sheet(path, "scans")["image"].tolist() == ["ct/P1"]
    assert read_sheet(path, "segmentations")["mask"].tolist() == ["m.nii"]
    features = [["patient_id", "original_firstorder_Mean"], ["P1", 3.5]]
    workbook(path, ("Patients", patients), ("Features", features))
    assert read_sheet(path, called="features").shape == (1, 2)
    # without telling names the columns tell: those of scans are among those of segmentations
    workbook(path, ("1", masks), ("2", scans), ("3", patients))
    assert read_sheet(path, "scans")["image"].tolist() == ["ct/P1"]
    assert read_sheet(path, "segmentations")["mask"].tolist() == ["m.nii"]
    workbook(path, ("a", scans), ("b", scans))
    assert "Call the right one 'scans', or hide the others" in refused(path, "scans")


@pytest.mark.parametrize("cell", ["B1048576", "XFD2", "XFD1048576"])
def test_a_stray_cell_far_out_costs_no_memory_and_is_named(tmp_path, cell):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", [HEADER, *([f"P{number}", 3, 1] for number in range(50))]))
    book["all"][cell] = "x"
    book.save(path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    message = refused(path)
    # in kB; a row of a sheet can hold 16,384 cells
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    expected = {"B1048576": "row 1048576: 'patient_id' is empty", "XFD2": "(rows 2)"}
    assert expected.get(cell, "(rows 1048576)") in message
    # a space is nothing
    book["all"][cell] = " "
    book.save(path)
    assert len(read_sheet(path, "patients")) == 50


def test_hidden_rows_are_named(tmp_path):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", [HEADER, ["P1", 3, 1], ["P2", 4, 0]]))
    book["all"].row_dimensions[3].hidden = True
    book["all"].row_dimensions[9].hidden = True
    book.save(path)
    assert "rows are hidden, by a filter or by hand (3)" in refused(path)


def test_percentages_and_plain_numbers_do_not_mix(tmp_path):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", [[*HEADER, "lap"], ["P1", 3, 1, 0.45], ["P2", 4, 0, 45]]))
    book["all"]["D2"].number_format = "0%"
    book.save(path)
    assert "column 'lap' shows some numbers as percentages" in refused(path)
    book["all"]["D3"].number_format = "0%"
    book.save(path)
    assert read_sheet(path, "patients")["lap"].tolist() == [0.45, 45]


def test_zeros_that_a_format_shows_belong_to_an_id(tmp_path):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", [HEADER, [7, 3, 1], [12.0, 4, 0]]))
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["7", "12"]
    for cell in ("A2", "A3"):
        book["all"][cell].number_format = "000"
    book.save(path)
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["007", "012"]


def test_the_numbers_of_rows_that_r_and_pandas_write_are_no_column(tmp_path):
    path = tmp_path / "scans.csv"
    path.write_text(
        '"","patient_id","phase","image"\n"1","P1","arterial","a"\n"2","P2","portal","b"\n'
    )
    assert list(read_sheet(path, "scans")) == ["patient_id", "phase", "image"]
    path.write_text("patient_id,phase,image\nP1,arterial,a,see note\nP2,portal,b\n")
    assert "more fields than the header: behind 3 columns" in refused(path, "scans")


def test_ids_that_a_spreadsheet_changed_are_one_message():
    known = [f"{number:03d}" for number in range(1, 121)]
    rows = {str(number): number + 1 for number in range(1, 121)}
    with pytest.raises(InputError) as raised:
        check_known(rows, known, "scans.xlsx")
    message = str(raised.value)
    assert "99 ids are written otherwise than in the table of patients" in message
    assert "'1' (row 2) is '001' there" in message
    assert "format Text" in message
    check_known({"121": 2, "100": 3}, known, "scans.xlsx")
    with pytest.raises(InputError, match=r"'p-7' \(row 3\) is 'P007' there"):
        check_known({"p-7": 3}, ["P007"], "scans.xlsx")


def test_two_ids_that_can_be_mixed_up_are_refused():
    with pytest.raises(InputError, match=r"'1' \(row 2\) and '01' \(row 3\)"):
        check_alike({"1": 2, "01": 3, "2": 4}, "patients.xlsx")
    with pytest.raises(InputError, match=r"the id '2024-03-01' is a date.*row 3\]"):
        check_alike({"MAR2": 2, "2024-03-01": 3}, "patients.xlsx")
    # centre and patient
    check_alike({"1-11": 2, "11-1": 3, "P1": 4, "P10": 5}, "patients.xlsx")


def test_an_id_that_is_written_for_a_spreadsheet_keeps_its_zeros(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text('patient_id,time_months,event\n="001",3,1\n="002",4,0\n')
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["001", "002"]


def test_what_a_file_is_counts_more_than_its_name(tmp_path):
    path = tmp_path / "patients.csv"
    patients().to_excel(tmp_path / "p.xlsx", index=False)
    path.write_bytes((tmp_path / "p.xlsx").read_bytes())
    assert "the file is a workbook, whatever its name says" in refused(path)
    path = tmp_path / "patients.xlsx"
    path.write_text("<html><table><tr><td>patient_id</td></tr></table></html>")
    assert "it is text or another file, whatever its name says" in refused(path)


def test_the_size_that_a_workbook_claims_is_not_believed(tmp_path):
    # as other programs write it
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", 3, 1], ["P2", 4, 0]]))
    claim = b'<dimension ref="A1"'
    rewritten(path, lambda name, text: text.replace(b'<dimension ref="A1:C3"', claim))
    assert claim in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    assert read_sheet(path, "patients").shape == (2, 3)


def test_a_column_or_a_table_too_many_is_told_once(tmp_path):
    path = text_file(
        tmp_path / "scans.csv", ["patient_id", "phase", "image", "note"], ["P1", "portal", "a", "x"]
    )
    message = refused(path, "scans")
    assert (
        "column 'note' has no place here (known: patient_id, phase, image, series_uid)" in message
    )


def test_a_sheet_that_is_formatted_to_its_end_ends_with_its_values(tmp_path, monkeypatch):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", [HEADER, ["P1", 3, 1]]))
    for row in range(3, 40):
        book["all"].cell(row, 1).number_format = "0.00"
    book["all"]["A40"] = "P2"
    book.save(path)
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["P1", "P2"]
    monkeypatch.setattr("taceflow.files.sheets.workbook._MOST_EMPTY", 30)
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["P1"]


def test_python_s_own_ways_to_write_numbers_are_none(tmp_path):
    path = text_file(tmp_path / "patients.csv", [*HEADER, "lab"], ["P1", 3, 1, "5_8"])
    assert read_sheet(path, "patients")["lab"].tolist() == ["5_8"]


@pytest.mark.filterwarnings("error")
def test_a_workbook_that_breaks_off_in_its_sheet_is_one_message(tmp_path):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", 3, 1]]))
    rewritten(path, lambda name, text: text[: len(text) // 2] if "sheet1" in name else text)
    assert "cannot read the workbook (ParseError" in refused(path)


@pytest.mark.filterwarnings("error")
def test_a_strict_workbook_is_told_how_to_be_saved(tmp_path):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", 3, 1]]))
    usual = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    strict = b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    rewritten(path, lambda name, text: text.replace(usual, strict))
    assert "not as 'Strict Open XML'" in refused(path)


@pytest.mark.filterwarnings("error")
def test_lists_to_choose_from_are_no_reason_to_warn(tmp_path):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", 3, 1]]))
    extension = (
        b'<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        b'uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
    )
    rewritten(path, lambda name, text: text.replace(b"</worksheet>", extension))
    assert read_sheet(path, "patients").shape == (1, 3)


def test_a_header_over_two_lines_is_one_name(tmp_path):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [[*HEADER, "platelets\n(per nL)"], ["P1", 3, 1, 150]]))
    assert list(read_sheet(path, "patients"))[-1] == "platelets (per nL)"
    workbook(path, ("all", [["patient_id", "time\nmonths", "event"], ["P1", 3, 1]]))
    assert "column 'time months' is nearly 'time_months': rename it" in refused(path)
