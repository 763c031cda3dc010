"""A workbook's sheet: where it ends, hidden rows."""

import resource
import zipfile

import pytest

from taceflow.files.sheets.read import read_sheet

HEADER = ["patient_id", "time_months", "event"]


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


def test_the_size_that_a_workbook_claims_is_not_believed(tmp_path, workbook, rewritten):
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
