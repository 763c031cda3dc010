"""Tables: what is written is whole, what is read is checked."""

import ast

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from taceflow.errors import InputError, OwnFaultError, TaceflowError
from taceflow.files import atomic_path
from taceflow.tables import read_json, read_table, write_json, write_table


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
        read_table(path, "patients")
    assert all(word in str(raised.value) for word in words)
    assert "patients.tsv" in str(raised.value)


def test_a_missing_column_is_named(tmp_path):
    path = write_sheet(tmp_path / "patients.csv", patients().drop(columns="event"))
    with pytest.raises(InputError, match="column 'event' is missing"):
        read_table(path, "patients")


def test_missing_follow_up_and_extra_columns_are_let_through(tmp_path):
    sheet = patients(event=[1, None], time_months=[3.5, None], platelets=[200, 150])
    read = read_table(write_sheet(tmp_path / "patients.tsv", sheet), "patients")
    assert read["event"].isna().tolist() == [False, True]
    assert "platelets" in read


def test_ids_stay_text(tmp_path):
    path = write_sheet(tmp_path / "patients.tsv", patients(patient_id=["001", "002"]))
    assert read_table(path, "patients")["patient_id"].tolist() == ["001", "002"]


def test_a_spreadsheet_reads_like_a_text_table(tmp_path):
    path = tmp_path / "patients.xlsx"
    patients(patient_id=["001", "002"]).to_excel(path, index=False)
    read = read_table(path, "patients")
    assert read["patient_id"].tolist() == ["001", "002"]
    assert read["time_months"].tolist() == [3.5, 12.0]


def test_a_table_keeps_every_digit(tmp_path):
    values = np.random.default_rng(0).normal(size=2) * 1e-7
    table = patients(time_months=np.abs(values))
    write_table(table, tmp_path / "t.tsv", "patients")
    assert read_table(tmp_path / "t.tsv")["time_months"].tolist() == np.abs(values).tolist()


def test_what_breaks_its_schema_when_we_write_it_is_our_fault(tmp_path):
    table = pd.DataFrame({"patient_id": ["A"], "original_firstorder_Mean": [1.5]})
    write_table(table, tmp_path / "f.parquet", "features")
    with pytest.raises(OwnFaultError, match="orignal_firstorder_Mean"):
        write_table(
            table.rename(columns={"original_firstorder_Mean": "orignal_firstorder_Mean"}),
            tmp_path / "g.parquet",
            "features",
        )
    with pytest.raises(OwnFaultError, match="not finite") as told:
        write_table(
            table.assign(original_firstorder_Mean=np.inf), tmp_path / "g.parquet", "features"
        )
    assert "a fault of taceflow, not of your data" in str(told.value)
    assert "schema.yaml" not in str(told.value)
    assert not isinstance(told.value, TaceflowError)  # nobody takes it for a patient to leave out
    with pytest.raises(OwnFaultError, match="not finite"):
        write_json({"hazard": np.inf}, tmp_path / "g.json")
    assert [path.name for path in tmp_path.iterdir()] == ["f.parquet"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "kept.json"
    write_json({"old": 1}, path)

    def fail_half_way():
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert read_json(path) == {"old": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["kept.json"]


def test_json_refuses_what_is_not_a_number(tmp_path):
    with pytest.raises(OwnFaultError, match="not finite"):
        write_json({"hazard_ratio": float("nan")}, tmp_path / "a.json")


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
    assert [str(value) for value in read_table(path)["scanner_key"]] == list(FATAL)


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
    read = read_table(path)
    assert read["patient_id"].tolist() == ["7", "8", "9"]
    assert read["dicom_patient_id"].tolist()[::2] == ["007", "12"]
    assert read["age_years"].tolist()[:2] == [61, 70.5]
    assert read["event"].dtype == np.int64
    assert read["hepatitis"].tolist()[:2] == ["B", 2]
    assert read.isna().sum().to_dict() == dict(zip(columns, [0, 1, 1, 0, 1], strict=True))


def test_numbers_are_read_in_one_way(root):
    found = 0
    for file in sorted((root / "workflow" / "scripts").rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", "")
            options = {key.arg: ast.unparse(key.value) for key in call.keywords}
            where = f"{file.relative_to(root)}:{call.lineno}"
            assert name != "to_numeric", where
            if name == "read_excel":
                assert options["dtype"] == "object", where
            elif name == "read_csv":
                text = options.get("dtype") == "str"
                assert text or options.get("float_precision") == "'round_trip'", where
            found += name == "read_csv"
    assert found > 3


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
        read_table(path, schema)
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
    read = read_table(path, "patients")
    assert read["ascites"].fillna("missing").tolist() == ["None", "Mild", "missing"]
    assert read["afp_ng_ml"].isna().tolist() == [True, False, True]


def test_a_header_in_capitals_is_not_another_column(tmp_path):
    path = write_sheet(tmp_path / "patients.tsv", patients(**{"Cohort": ["training", "external"]}))
    assert "column 'Cohort' is nearly 'cohort': rename it" in refused(path)
    path = write_sheet(path, patients().rename(columns={"event": "event "}))
    assert "column 'event ' is nearly 'event': rename it" in refused(path)


def test_a_missing_column_is_named_beside_those_that_are_there(tmp_path):
    path = write_sheet(tmp_path / "patients.tsv", patients().drop(columns="event"))
    assert "column 'event' is missing (found: patient_id, time_months)" in refused(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("patient_id,time_months,event\nP1,3,1,x\n", "more fields than the header"),
        ("patient_id;time_months;event\nP1;3,5;1\n", "separated by a semicolon"),
        ("patient_id,event,event,time_months\nP1,1,0,3\n", "column 'event' stands twice"),
        ('patient_id,time_months,event,note\nP1,3,1,"a\nP2,4,0,x\nP3,4,0,"b\n', "patient P1"),
        ("patient_id,time_months,event\nP\x001,3,1\n", "zero bytes"),
        ("", "cannot read the table"),
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
    read = read_table(path, "patients")
    assert read.to_dict("list") == {
        "patient_id": ["P1", "P2"], "time_months": [3, 4], "event": [1, 0]
    }  # fmt: skip
    path.write_text("patient_id,time_months,event\nP1,3,1,\nP2,4,0,\n")
    assert read_table(path, "patients")["patient_id"].tolist() == ["P1", "P2"]


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
    read = read_table(path, "patients")
    assert read["event"].tolist() == [1, 0, 1]
    assert read["mvi"].fillna(9).tolist() == [0, 9, 1]
    workbook(tmp_path / "p.xlsx", ("all", [ROWS[0], ["1", 3, True], ["2", 4, False]]))
    assert read_table(tmp_path / "p.xlsx", "patients")["event"].tolist() == [1, 0]


def test_the_sheet_that_holds_the_table_is_found(tmp_path):
    path = tmp_path / "patients.xlsx"
    legend = ("Legend", [["column", "meaning"], ["event", "died"]])
    workbook(path, legend, ("2024", ROWS))
    assert read_table(path, "patients")["patient_id"].tolist() == ["001", "002"]
    book = workbook(path, ("old", [ROWS[0], ["009", 1, 1]]), ("2024", ROWS))
    assert "several sheets hold such a table (old, 2024)" in refused(path)
    book["old"].sheet_state = "hidden"
    book.save(path)
    assert read_table(path, "patients")["patient_id"].tolist() == ["001", "002"]


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
    assert "is a folder" in refused(tmp_path / "patients.csv")


def test_an_id_ends_with_its_line(tmp_path):
    workbook(tmp_path / "p.xlsx", ("all", [ROWS[0], ["P1\n", 3, 1]]))
    assert "does not match" in refused(tmp_path / "p.xlsx")
