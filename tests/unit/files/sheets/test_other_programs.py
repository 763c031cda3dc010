"""Workbooks as R, Google Sheets, WPS, Numbers and reporting tools write them: unlike Excel's."""

import re
import zipfile

import pytest

from taceflow.cohort.sheets import read_patients_sheet
from taceflow.errors import InputError


@pytest.fixture
def raw(tmp_path, workbook, rewritten):
    """Write a workbook whose rows are XML by hand."""

    def write(*rows):
        path = tmp_path / "patients.xlsx"
        workbook(path, ("all", []))
        data = f"<sheetData>{''.join(rows)}</sheetData>".encode()
        empty = re.compile(rb"<sheetData ?/>|<sheetData></sheetData>")
        rewritten(path, lambda name, content: empty.sub(data, content))
        return str(path)

    return write


def text(value):
    return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def cell(value, kind=""):
    return f"<c {kind}>{value}</c>"


def row(*cells, attributes=""):
    """Neither rows nor cells say where they are."""
    return f"<row {attributes}>{''.join(cells)}</row>"


HEADER = row(text("patient_id"), text("time_months"), text("event"))
DATES = row(
    text("patient_id"), text("first_tace_date"), text("last_contact_or_death_date"), text("event")
)
THREE, ONE = cell("<v>3</v>"), cell("<v>1</v>")


@pytest.mark.parametrize(
    ("first", "second", "months"),
    [
        (cell("<v>3</v>"), cell("<v>6.5</v>"), [3, 6.5]),
        (
            cell('<f t="shared" ref="B2:B3" si="0">C2*3</f><v>3</v>', 'r="B2"'),
            cell('<f t="shared" si="0"/><v>6</v>', 'r="B3"'),
            [3, 6],
        ),
        (cell('<f t="array" ref="B2">C2*3</f><v>3</v>'), cell("<v>2</v>"), [3, 2]),
        (text("3.5 "), cell("<f>1</f><v>4</v>", 't="str"'), [3.5, 4]),
    ],
)
def test_strings_and_formulas_of_any_kind(raw, first, second, months):
    path = raw(
        HEADER,
        row(text("001\u00a0"), first, cell("<v>1</v>", 't="b"')),
        row(text("002_x000D_"), second, ONE),
    )
    sheet = read_patients_sheet(path)
    assert sheet["patient_id"].tolist() == ["001", "002"]
    assert sheet["time_months"].tolist() == months
    assert sheet["event"].tolist() == [1, 1]


@pytest.mark.parametrize(
    "last",
    ["2019-01-03", "2019-01-03T00:00:00", "2019-01-03T00:00:00.000Z", "2019-01-03T00:00:00+01:00"],
)
def test_dates_that_are_stored_as_dates(raw, last):
    dates = (cell(f"<v>{day}</v>", 't="d"') for day in ("2018-01-03", last))
    sheet = read_patients_sheet(raw(DATES, row(text("a"), *dates, ONE)))
    assert sheet["time_months"].tolist() == pytest.approx([365 / 30.4375])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [row(text("b"), THREE, ONE, attributes='hidden="1"')],
            "rows are hidden, by a filter or by hand (3)",
        ),
        ([row(cell("<v>12345678901234567</v>"), THREE, ONE)], "more than 15 digits"),
        ([row(text("a\u200b1"), THREE, ONE)], "row 3: patient_id: 'a<U+200B>1' cannot stand here"),
        ([row(), row(text("patient_id"), text("phase"))], "is a header again"),
    ],
)
def test_what_is_easily_overlooked_is_named(raw, rows, words):
    path = raw(HEADER, row(text("a"), THREE, ONE), *rows)
    with pytest.raises(InputError, match=re.escape(words)):
        read_patients_sheet(path)


@pytest.mark.parametrize(
    "parts",
    [["content.xml", "mimetype"], ["[Content_Types].xml", "xl/workbook.bin"], ["Index.zip"]],
)
def test_a_renamed_file_of_another_program_is_called_one(tmp_path, refused, parts):
    path = tmp_path / "patients.xlsx"
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    with zipfile.ZipFile(path, "w") as archive:
        for name in parts:
            archive.writestr(name, types)
    assert "inside it is no .xlsx: a renamed file of LibreOffice" in refused(path)


@pytest.mark.parametrize("written", [b"<fill/>", b"<fill></fill>", b"<fill />"])
def test_an_empty_fill_at_which_openpyxl_stops_is_read(raw, rewritten, written):
    path = raw(HEADER, row(text("a"), THREE, ONE))
    changed = []

    def change(name, content):
        new = re.sub(rb"<fill><patternFill ?/></fill>", written, content)
        changed.append(new != content)
        return new

    rewritten(path, change)
    assert any(changed)
    assert read_patients_sheet(path)["time_months"].tolist() == [3]
