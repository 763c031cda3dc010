"""Tables that people make: read as they were meant, or refused by row and remedy."""

import os

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
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


@pytest.mark.parametrize(
    ("name", "near"),
    [("cohrt", "cohort"), ("age_year", "age_years"), ("albumni_g_l", "albumin_g_l")],
)
def test_a_column_that_is_misspelt_is_not_passed_over(tmp_path, refused, name, near):
    path = tmp_path / "p.csv"
    path.write_text(f"patient_id,time_months,event,{name}\nA,3,1,\n")
    assert f"column '{name}' is nearly '{near}': rename it" in refused(path)


@pytest.mark.parametrize(
    "name", ["cohort2", "tumor_size_mm", "albumin_g_dl", "set", "alp_u_l", "hepatitis_b"]
)
def test_a_column_of_another_meaning_is_kept(tmp_path, name):
    path = tmp_path / "p.csv"
    path.write_text(f"patient_id,time_months,event,{name}\nA,3,1,\n")
    assert name in read_sheet(path, "patients")


@pytest.mark.parametrize("name", ["record_id", "USUBJID", "participant_id", "Subject ID"])
def test_the_id_of_a_register_is_told_its_name(tmp_path, refused, name):
    path = tmp_path / "p.csv"
    path.write_text(f"{name},time_months,event\nA,3,1\n")
    assert f"column 'patient_id' is missing; did you mean '{name}'?" in refused(path)


@pytest.mark.parametrize(
    ("time", "event", "words"),
    [
        ("OS_months", "vital_status", "'event' is missing; did you mean 'vital_status'?"),
        ("OS_months", "status", "'time_months' is missing; did you mean 'OS_months'?"),
        ("time_months", "censored", "'censored' says the opposite: 1 here is who died"),
    ],
)
def test_the_outcome_of_a_register_is_told_its_name(tmp_path, refused, time, event, words):
    path = tmp_path / "p.csv"
    path.write_text(f"patient_id,{time},{event}\nA,3,1\n")
    assert words in refused(path)


def test_rows_that_redcap_repeats_are_told_so(tmp_path, refused):
    path = tmp_path / "p.csv"
    path.write_text("patient_id,redcap_repeat_instance,time_months,event\nA,,3,1\nA,1,,\n")
    assert "patient_id A (rows 2, 3): REDCap repeats an instrument" in refused(path)


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


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_none_is_a_level_and_na_is_missing(tmp_path, suffix, workbook):
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


def test_a_header_in_capitals_is_not_another_column(tmp_path, refused):
    path = write_sheet(tmp_path / "patients.tsv", patients(**{"Cohort": ["training", "external"]}))
    assert "column 'Cohort' is nearly 'cohort': rename it" in refused(path)
    path = write_sheet(path, patients().rename(columns={"event": "Event (0/1)"}))
    assert "column 'event' is missing; did you mean 'Event (0/1)'" in refused(path)
    own = {"Time (months)": [3.5, 12], "tumour_size_cm": [4, 5]}
    sheet = patients(**own).drop(columns="time_months")
    message = refused(write_sheet(path, sheet))
    assert "column 'Time (months)' is nearly 'time_months': rename it" in message
    assert "column 'tumour_size_cm' is nearly 'tumor_size_cm': rename it" in message


def test_a_missing_column_is_named_beside_those_that_are_there(tmp_path, refused):
    path = write_sheet(tmp_path / "patients.tsv", patients().drop(columns="event"))
    assert "column 'event' is missing (found: patient_id, time_months)" in refused(path)


def test_one_bad_cell_blames_no_other(tmp_path, refused):
    values = ["3,5", *map(float, range(1, 12))]
    ids = [f"P{number}" for number in range(12)]
    sheet = pd.DataFrame({"patient_id": ids, "time_months": values, "event": 1})
    for suffix in ("tsv", "csv"):
        message = refused(write_sheet(tmp_path / f"patients.{suffix}", sheet))
        assert "patient P0: time_months: '3,5'" in message
        assert "a decimal comma: write 3.5" in message
        assert "P1" not in message


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + bytes(600), b"a,b"])
@pytest.mark.parametrize("suffix", ["xlsx", "parquet"])
def test_a_damaged_file_is_one_message(tmp_path, content, suffix, refused):
    path = tmp_path / f"patients.{suffix}"
    path.write_bytes(content)
    assert "cannot read the" in refused(path)


def test_a_folder_is_no_table(tmp_path, refused):
    (tmp_path / "patients.csv").mkdir()
    for folder in ("patients.csv", "."):
        message = refused(tmp_path / folder)
        assert "the table is a folder" in message
        assert "Name the file in it" in message
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is a pipe or a device" in refused(tmp_path / "pipe.csv")


HEADER = ["patient_id", "time_months", "event"]


def text_file(path, *rows, separator=","):
    path.write_text("\n".join(separator.join(map(str, row)) for row in rows), encoding="utf-8")
    return path


def test_spaces_around_a_phase_do_not_count(tmp_path):
    path = tmp_path / "scans.csv"
    path.write_text("patient_id,phase,image\nP1,arterial ,ct/P1\nP2, arterial,ct/P2 \n")
    read = read_sheet(path, "scans")
    assert read["phase"].tolist() == ["arterial"] * 2
    assert read["image"].tolist() == ["ct/P1", "ct/P2"]


def test_a_message_names_the_row_that_the_program_shows(tmp_path, refused):
    rows = [HEADER, ["P1", 3, 1], ["", "", ""], ["P2", -4, 0], ["P3", 5, "dead"], ["", 55, ""]]
    path = text_file(tmp_path / "patients.csv", *rows)
    message = refused(path)
    assert "patient P2: time_months: -4 is not above 0 (row 4)" in message
    assert "patient P3: event: 'dead' is none of 0, 1 (1: died, 0: alive at" in message
    assert "last contact) (row 5)" in message
    assert "row 6: 'patient_id' is empty" in message


def test_the_same_fault_in_many_rows_is_told_once(tmp_path, refused):
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
def test_a_time_that_is_no_number_is_told_how_to_be_written(tmp_path, cell, words, refused):
    path = tmp_path / "patients.csv"
    path.write_text(f"patient_id,time_months,event\nP1,{cell},1\nP2,3,1\n")
    message = refused(path)
    assert "patient P1: time_months: " in message
    assert "(row 2)" in message
    assert words in message


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_no_message_holds_a_regular_expression(tmp_path, suffix, workbook, refused):
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


def test_what_a_file_is_counts_more_than_its_name(tmp_path, refused):
    path = tmp_path / "patients.csv"
    patients().to_excel(tmp_path / "p.xlsx", index=False)
    path.write_bytes((tmp_path / "p.xlsx").read_bytes())
    assert "the file is a workbook, whatever its name says" in refused(path)
    path = tmp_path / "patients.xlsx"
    path.write_text("<html><table><tr><td>patient_id</td></tr></table></html>")
    assert "it is text or another file, whatever its name says" in refused(path)


def test_a_column_or_a_table_too_many_is_told_once(tmp_path, refused):
    path = text_file(
        tmp_path / "scans.csv",
        ["patient_id", "phase", "image", "kernel"],
        ["P1", "portal", "a", "x"],
    )
    message = refused(path, "scans")
    assert (
        "column 'kernel' has no place here (known: patient_id, phase, image, series_uid, notes)"
        in message
    )
