"""Workbooks: the right sheet of one, as it is shown, or refused."""

import resource
import zipfile

import pandas as pd
import pytest

from taceflow.files.sheets.read import read_sheet

ROWS = [["patient_id", "time_months", "event"], ["001", 3.5, 1], ["002", 12, 0]]


def test_the_sheet_that_holds_the_table_is_found(tmp_path, workbook, refused):
    path = tmp_path / "patients.xlsx"
    legend = ("Legend", [["column", "meaning"], ["event", "died"]])
    workbook(path, legend, ("2024", ROWS))
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["001", "002"]
    book = workbook(path, ("old", [ROWS[0], ["009", 1, 1]]), ("2024", ROWS))
    assert "several sheets hold such a table (old, 2024)" in refused(path)
    book["old"].sheet_state = "hidden"
    book.save(path)
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["001", "002"]


def test_formulas_count_by_what_excel_stored(tmp_path, workbook, refused):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", ROWS), formulas=[("B2", "=365/30.4375")])
    message = refused(path)
    assert "the formula in cell B2 has no stored value" in message
    assert "sheet 'all'" in message


def test_errors_and_merged_cells_are_refused(tmp_path, workbook, refused):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", ROWS))
    book["all"]["B3"] = "#DIV/0!"
    book.save(path)
    assert "cell B3 holds the error #DIV/0!" in refused(path)
    book["all"]["B3"] = 4
    book["all"].merge_cells("C2:C3")
    book.save(path)
    assert "cells are merged (C2:C3)" in refused(path)


def test_an_id_ends_with_its_line(tmp_path, workbook):
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


def test_a_date_in_a_workbook_is_called_one(tmp_path, workbook, refused):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", pd.Timestamp("2024-05-03").to_pydatetime(), 1]]))
    assert "'2024-05-03' is no number (a date: write the number; in a spreadsheet" in refused(path)


def test_one_workbook_may_hold_all_tables(tmp_path, workbook, refused):
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
def test_a_stray_cell_far_out_costs_no_memory_and_is_named(tmp_path, cell, workbook, refused):
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


def test_hidden_rows_are_named(tmp_path, workbook, refused):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", [HEADER, ["P1", 3, 1], ["P2", 4, 0]]))
    book["all"].row_dimensions[3].hidden = True
    book["all"].row_dimensions[9].hidden = True
    book.save(path)
    assert "rows are hidden, by a filter or by hand (3)" in refused(path)


def test_percentages_and_plain_numbers_do_not_mix(tmp_path, workbook, refused):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", [[*HEADER, "lap"], ["P1", 3, 1, 0.45], ["P2", 4, 0, 45]]))
    book["all"]["D2"].number_format = "0%"
    book.save(path)
    assert "column 'lap' shows some numbers as percentages" in refused(path)
    book["all"]["D3"].number_format = "0%"
    book.save(path)
    assert read_sheet(path, "patients")["lap"].tolist() == [0.45, 45]


def test_zeros_that_a_format_shows_belong_to_an_id(tmp_path, workbook):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", [HEADER, [7, 3, 1], [12.0, 4, 0]]))
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["7", "12"]
    for cell in ("A2", "A3"):
        book["all"][cell].number_format = "000"
    book.save(path)
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["007", "012"]


def test_the_size_that_a_workbook_claims_is_not_believed(tmp_path, workbook):
    # as other programs write it
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", 3, 1], ["P2", 4, 0]]))
    claim = b'<dimension ref="A1"'
    rewritten(path, lambda name, text: text.replace(b'<dimension ref="A1:C3"', claim))
    assert claim in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")
    assert read_sheet(path, "patients").shape == (2, 3)


def test_a_sheet_that_is_formatted_to_its_end_ends_with_its_values(tmp_path, monkeypatch, workbook):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", [HEADER, ["P1", 3, 1]]))
    for row in range(3, 40):
        book["all"].cell(row, 1).number_format = "0.00"
    book["all"]["A40"] = "P2"
    book.save(path)
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["P1", "P2"]
    monkeypatch.setattr("taceflow.files.sheets.layout._MOST_EMPTY", 30)
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["P1"]


@pytest.mark.filterwarnings("error")
def test_a_workbook_that_breaks_off_in_its_sheet_is_one_message(tmp_path, workbook, refused):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", 3, 1]]))
    rewritten(path, lambda name, text: text[: len(text) // 2] if "sheet1" in name else text)
    assert "cannot read the workbook (ParseError" in refused(path)


@pytest.mark.filterwarnings("error")
def test_a_strict_workbook_is_told_how_to_be_saved(tmp_path, workbook, refused):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", 3, 1]]))
    usual = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    strict = b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    rewritten(path, lambda name, text: text.replace(usual, strict))
    assert "not as 'Strict Open XML'" in refused(path)


@pytest.mark.filterwarnings("error")
def test_lists_to_choose_from_are_no_reason_to_warn(tmp_path, workbook):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", 3, 1]]))
    extension = (
        b'<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        b'uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
    )
    rewritten(path, lambda name, text: text.replace(b"</worksheet>", extension))
    assert read_sheet(path, "patients").shape == (1, 3)


def test_a_header_over_two_lines_is_one_name(tmp_path, workbook, refused):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [[*HEADER, "platelets\n(per nL)"], ["P1", 3, 1, 150]]))
    assert list(read_sheet(path, "patients"))[-1] == "platelets (per nL)"
    workbook(path, ("all", [["patient_id", "time\nmonths", "event"], ["P1", 3, 1]]))
    assert "column 'time months' is nearly 'time_months': rename it" in refused(path)
