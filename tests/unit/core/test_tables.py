"""Tables: what is written is whole, what is read is checked."""

import ast

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.tables import atomic_path, read_json, read_table, write_json, write_table


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


def test_a_wide_table_with_a_wrong_name_or_value_is_refused(tmp_path):
    table = pd.DataFrame({"patient_id": ["A"], "original_firstorder_Mean": [1.5]})
    write_table(table, tmp_path / "f.parquet", "features")
    with pytest.raises(InputError, match="orignal_firstorder_Mean"):
        write_table(
            table.rename(columns={"original_firstorder_Mean": "orignal_firstorder_Mean"}),
            tmp_path / "g.parquet",
            "features",
        )
    with pytest.raises(InputError, match="not finite"):
        write_table(
            table.assign(original_firstorder_Mean=np.inf), tmp_path / "g.parquet", "features"
        )
    assert not (tmp_path / "g.parquet").exists()


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
    with pytest.raises(ValueError, match="JSON"):
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
            elif name == "read_csv" and options.get("nrows") != "0":
                text = options.get("dtype") == "str"
                assert text or options.get("float_precision") == "'round_trip'", where
            found += name in ("read_excel", "read_csv")
    assert found > 3
