"""Months from two dates, in every notation that has one meaning; none of them goes any further."""

import datetime

import pandas as pd
import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from taceflow.cohort.build import write_patients
from taceflow.cohort.dates import FIRST, LAST
from taceflow.cohort.sheets import read_patients_sheet
from taceflow.errors import InputError
from taceflow.files.tables import read_table
from taceflow.study.plan import plan_study

MONTHS = 366 / 30.4375
"""Of the leap year 2020."""


def table(path, first, last, **columns):
    count = len(first)
    ids = [f"P{number}" for number in range(1, count + 1)]
    frame = pd.DataFrame({"patient_id": ids, FIRST: first, LAST: last, "event": 1} | columns)
    frame.to_csv(path, index=False)
    return str(path)


def refusal(path):
    with pytest.raises(InputError) as raised:
        read_patients_sheet(path)
    return str(raised.value)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2020-03-04", "2021-03-05"),
        ("2020-03-04 00:00:00", "2021-03-05T11:20"),
        ("2020/3/4", "2021.03.05"),
        ("20200304", "20210305"),
        ("04.03.2020", "5.3.2021"),
        ("4 March 2020", "05-Mar-2021"),
        ("4. März 2020", "5 mars 2021"),
        ("March 4, 2020", "Mar 5th 2021"),
        ("2020年3月4日", "2021年3月5日"),
        ("43894", "44260"),
        ("04MAR2020", "05mar2021"),
        ("4 de marzo de 2020", "5 março 2021"),
        ("4 maart 2020", "5\u00a0Mar\u00a02021"),
        ("2020\u201103\u201104", "2021\u201303\u201305"),
    ],
)
def test_every_notation_with_one_meaning_gives_the_same_months(tmp_path, first, last):
    read = read_patients_sheet(table(tmp_path / "p.csv", [first], [last]))
    assert read["time_months"].tolist() == pytest.approx([MONTHS])
    assert not {FIRST, LAST} & set(read)


def test_dates_of_a_workbook_are_read_in_both_of_its_calendars(tmp_path):
    for year in (1900, 1904):
        book = Workbook()
        book.epoch = {1900: WINDOWS_EPOCH, 1904: MAC_EPOCH}[year]
        book.active.title = "patients"
        book.active.append(["patient_id", FIRST, LAST, "event", "notes"])
        row = ["001", datetime.date(2020, 3, 4), datetime.datetime(2021, 3, 5, 11, 20), 1, "Jane"]
        book.active.append(row)
        book.save(tmp_path / f"{year}.xlsx")
        read = read_patients_sheet(str(tmp_path / f"{year}.xlsx"))
        assert read["time_months"].tolist() == pytest.approx([MONTHS])
        assert read["patient_id"].tolist() == ["001"]
        assert "notes" not in read


def test_one_cell_that_can_mean_one_day_alone_tells_the_order_of_its_column(tmp_path):
    american = ["03/04/2020", "12/31/2020"], ["03/05/2021", "12/31/2021"]
    read = read_patients_sheet(table(tmp_path / "a.csv", *american))
    assert read["time_months"].tolist() == pytest.approx([MONTHS, 365 / 30.4375])
    british = ["04/03/2020", "31/12/2020"], ["05/03/2021", "31/12/2021"]
    read = read_patients_sheet(table(tmp_path / "b.csv", *british))
    assert read["time_months"].tolist() == pytest.approx([MONTHS, 365 / 30.4375])


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (["03/04/2020"], ["2021-01-01"], "P1 (row 2): day and month, or month and day?"),
        (["13/01/2020", "01/13/2020"], ["2021-01-01"] * 2, "P1 (row 2), P2 (row 3): day and month"),
        (["2020-04-03", "4/13/2020"], ["2021-01-01"] * 2, "patient P2 (row 3): text with slashes"),
        (["43894", "13/04/2020"], ["44260", "44260"], "patient P2 (row 3): text with slashes"),
        (["04.03.20"], ["2021-01-01"], "a year of two digits"),
        (["2020-03"], ["2021-01-01"], "no day"),
        (["2020-03-UN"], ["2021-01-01"], "no day"),
        (["3/13/2020"], ["13/3/2021"], "has the day first, the other the month"),
        (["unknown"], ["2021-01-01"], "no date"),
        (["########"], ["2021-01-01"], "no date"),
        (["31.02.2020"], ["2021-01-01"], "a day that no calendar has"),
        (["4 Foo 2020"], ["2021-01-01"], "a month in an unknown language"),
        (["2020-03-04"], ["2019-03-04"], f"{LAST} is before {FIRST}"),
        (["2020-03-04"], ["2020-03-04"], "leaves no time"),
        (["2020-03-04"], ["2999-03-04"], "in the future"),
        (["2999-03-04"], [None], "in the future"),
        (["1900-01-00"], ["2021-01-01"], "a day that no calendar has"),
        (["1959-01-01"], ["2021-01-01"], "before 1974"),
        (["43894"], ["2021-01-01"], "one date is a number of Excel's and one a date"),
    ],
)
def test_dates_that_cannot_be_meant_are_refused_and_never_named(tmp_path, first, last, words):
    told = refusal(table(tmp_path / "p.csv", first, last))
    assert words in told
    assert "patient P" in told or "patients P1" in told
    assert not [
        text for text in (*first, *last) if text and any(map(str.isdigit, text)) and text in told
    ]


def test_a_column_of_the_two_that_is_missing_or_nearly_named_is_told(tmp_path):
    path = tmp_path / "p.csv"
    frame = pd.DataFrame({"patient_id": ["A"], FIRST: ["2020-01-01"], "event": [1]})
    frame.to_csv(path, index=False)
    assert f"'{FIRST}' is there and '{LAST}' is not" in refusal(str(path))
    frame.rename(columns={FIRST: "First TACE date"}).to_csv(path, index=False)
    assert f"'First TACE date' is nearly '{FIRST}'" in refusal(str(path))


def test_months_beside_dates_count_and_have_to_agree(tmp_path):
    dates = ["2020-03-04"] * 3, ["2021-03-05", None, "2021-03-05"]
    read = read_patients_sheet(table(tmp_path / "p.csv", *dates, time_months=[12, 7.5, None]))
    assert read["time_months"].tolist() == pytest.approx([12, 7.5, MONTHS])
    path = table(tmp_path / "q.csv", *dates, time_months=[366, 7.5, None])
    assert "patient P1 (row 2): time_months and the dates differ" in refusal(path)


def test_without_a_date_the_time_is_missing_and_the_patient_is_kept(tmp_path):
    read = read_patients_sheet(table(tmp_path / "p.csv", ["2020-03-04", None], ["2021-03-05"] * 2))
    assert read["time_months"].isna().tolist() == [False, True]


def test_no_date_is_written_to_a_result(tmp_path):
    path = table(
        tmp_path / "p.csv",
        ["2020-03-04"],
        ["2021-03-05"],
        notes=["seen on 5 March"],
        birth_date=["1950-02-01"],
        seen=[20210305],
        second_session=["2020-06-07 or later"],
        last_ct=["unknown"],
    )
    members = pd.DataFrame({"patient_id": ["P1"], "cohort": ["training"]})
    members.to_csv(tmp_path / "members.tsv", sep="\t", index=False)
    output = tmp_path / "patients.tsv"
    write_patients(
        patients=path, members=str(tmp_path / "members.tsv"), is_fitted=True, output=str(output)
    )
    kept = read_table(output, "patients")
    assert kept["time_months"].tolist() == pytest.approx([MONTHS])
    assert "last_ct" in kept
    assert not {"birth_date", "notes", FIRST, LAST} & set(kept)
    assert not [text for text in ("2020-", "2021", "1950") if text in output.read_text()]


def test_a_date_is_no_variable_and_no_centre(own_config, rewrite):
    def add(frame):
        return frame.assign(centre="2020-01-01", platelets="2020-01-01")

    rewrite(own_config["tables"]["patients"], add)
    own_config["survival"]["variables"] = [
        {"column": "centre", "label": "Centre", "reference": "x"},
        {"column": "platelets", "label": "Platelets"},
    ]
    with pytest.raises(InputError, match=r"'centre' holds dates.*'platelets'.*a date"):
        plan_study(own_config)
    own_config["survival"]["variables"] = [{"column": "age_years", "label": "Age"}]
    own_config["radiomics"]["harmonise"]["by"] = "centre"
    with pytest.raises(InputError, match=r"harmonise\.by: 'centre' holds dates"):
        plan_study(own_config)
