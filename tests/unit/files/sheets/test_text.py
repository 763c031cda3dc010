"""Tables as text: what would be misread is refused."""

import pytest

from taceflow.files.sheets.read import read_sheet


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
def test_text_that_would_be_misread_is_refused(tmp_path, content, words, refused):
    path = tmp_path / "patients.csv"
    path.write_text(content)
    assert words in refused(path)


def test_what_is_no_utf_8_is_told(tmp_path, refused):
    path = tmp_path / "patients.tsv"
    for encoding, words in (("utf-16", "zero bytes"), ("latin-1", "no UTF-8 text")):
        path.write_bytes("patient_id\ttime_months\tevent\nMüller\t3\t1\n".encode(encoding))
        assert words in refused(path)
        assert "Save it as UTF-8" in refused(path)


HEADER = ["patient_id", "time_months", "event"]


def text_file(path, *rows, separator=","):
    path.write_text("\n".join(separator.join(map(str, row)) for row in rows), encoding="utf-8")
    return path


def test_an_id_that_is_written_for_a_spreadsheet_keeps_its_zeros(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text('patient_id,time_months,event\n="001",3,1\n="002",4,0\n')
    assert read_sheet(path, "patients")["patient_id"].tolist() == ["001", "002"]


def test_python_s_own_ways_to_write_numbers_are_none(tmp_path):
    path = text_file(tmp_path / "patients.csv", [*HEADER, "lab"], ["P1", 3, 1, "5_8"])
    assert read_sheet(path, "patients")["lab"].tolist() == ["5_8"]


def test_a_header_with_another_separator_than_its_rows_is_called_so(tmp_path, refused):
    path = tmp_path / "patients.csv"
    path.write_text("patient_id,time_months,event\nA;3;1\nB;4;0\n")
    assert "its rows are separated by a semicolon, expected is a comma" in refused(path)
    path.write_text("patient_id,time_months,event,hospital\nA,3,1,a;b;c\n")
    assert len(read_sheet(path, "patients")) == 1
