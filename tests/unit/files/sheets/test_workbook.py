"""Workbooks: the right sheet of one, as it is shown, or refused."""

import pathlib

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


@pytest.mark.parametrize(
    ("shown", "read"),
    [('"P"000', "P007"), ('"HCC-"0', "HCC-7"), ('"P"General', "P7"), ("0", "7"), ("0.00", "7")],
)
def test_what_a_format_shows_before_an_id_belongs_to_it(tmp_path, workbook, shown, read):
    path = tmp_path / "patients.xlsx"
    book = workbook(path, ("all", [HEADER, [7, 3, 1]]))
    book["all"]["A2"].number_format = shown
    book.save(path)
    assert read_sheet(path, "patients")["patient_id"].tolist() == [read]


@pytest.mark.filterwarnings("error")
def test_a_workbook_that_breaks_off_in_its_sheet_is_one_message(
    tmp_path, workbook, refused, rewritten
):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", 3, 1]]))
    rewritten(path, lambda name, text: text[: len(text) // 2] if "sheet1" in name else text)
    assert "cannot read the workbook (ParseError" in refused(path)


def test_why_a_file_cannot_be_opened_is_said_in_words(tmp_path, workbook, refused, monkeypatch):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", 3, 1]]))
    whole = path.read_bytes()
    (tmp_path / "~$patients.xlsx").write_bytes(b"\x05Karl")
    assert "a workbook is open: name the one without ~$" in refused(tmp_path / "~$patients.xlsx")
    path.write_bytes(whole[: len(whole) // 2])
    assert "(it is damaged, or was not copied to its end)" in refused(path)

    def locked(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pathlib.Path, "open", locked)
    assert "cannot open the workbook (Permission denied)" in refused(path)


@pytest.mark.filterwarnings("error")
def test_a_strict_workbook_is_told_how_to_be_saved(tmp_path, workbook, refused, rewritten):
    path = tmp_path / "patients.xlsx"
    workbook(path, ("all", [HEADER, ["P1", 3, 1]]))
    usual = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    strict = b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    rewritten(path, lambda name, text: text.replace(usual, strict))
    assert "not as 'Strict Open XML'" in refused(path)


@pytest.mark.filterwarnings("error")
def test_lists_to_choose_from_are_no_reason_to_warn(tmp_path, workbook, rewritten):
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
