"""The page of all new patients: worst first, counted, each with the way to its own page."""

import re

import pandas as pd
import pytest

from taceflow.report.patient_index import index_table, write_patient_index


@pytest.fixture
def index(tmp_path):
    def write(files, changed=(), followed=(0, 0)):
        path = tmp_path / "index.html"
        write_patient_index(
            run="clinic", followed=followed, changed=changed, files=files, html=str(path)
        )
        return path.read_text(encoding="utf-8")

    return write


def rows_of(html):
    """Return the cells of each row of the body."""
    body = html.partition("<tbody>")[2]
    rows = re.findall(r"<tr>(.*?)</tr>", body)
    return [re.sub(r"<[^>]+>", "", row.replace("</t", "|</t")).split("|")[:-1] for row in rows]


def test_a_row_a_patient_worst_first(applied, index):
    html = index(applied(models=("clinical", "dlop_combin"), horizons=(12.0, 36.0)))
    far, unknown, nothing, inside = rows_of(html)
    assert far[:4] == ["P2", "▲\xa0outside", "slice thickness 10 mm (training 1 to 5)", "3.4"]
    assert far[4:7] == ["high", "high", "DLOP-Combin"]
    assert unknown[:3] == ["P3", "▲\xa0outside", "manufacturer Neusoft (training GE, Siemens)"]
    assert set(unknown[4:]) == {"–"}
    assert nothing[:4] == ["P4", "?\xa0unknown", "", ""]
    assert inside[:4] == ["P1", "✓\xa0inside", "", ""]
    assert inside[4:7] == ["low", "low", "DLOP-Combin"]
    assert len({len(row) for row in (far, unknown, nothing, inside)}) == 1
    assert len(far) == len(re.findall(r'scope="col"', html)) == 9
    heads = '<th colspan="2" scope="colgroup" class="group">Risk group</th>'
    assert f'<td colspan="4"></td>{heads}' in html
    told = "2 outside, 1 not compared, 1 inside the training range; 2 predicted by no model."
    assert f"4 patients: {told}" in html
    assert "No decision about a patient" in html


def test_survival_is_by_the_model_that_predicts_the_patient(applied, index, rewrite):
    files = applied(models=("clinical", "dlop_combin"), horizons=(12.0,))
    others = lambda t: t[(t["patient_id"] != "P2") | (t["model"] == "clinical")]  # noqa: E731
    rewrite(files.predictions, others)
    far, *_, inside = rows_of(index(files))
    assert far[4:7] == ["high", "–", "Clinical"]
    assert re.fullmatch(r"\d+% \(\d+–\d+\)", far[7])
    assert re.fullmatch(r"\d+%", inside[7])


def test_each_patient_has_a_link_and_ids_are_no_markup(applied, index, rewrite):
    files = applied()
    names = {"P1": "a&b c", "P2": "<b>#1"}
    for path in (files.predictions, files.verdicts):
        rewrite(path, lambda table: table.replace({"patient_id": names}))
    html = index(files)
    assert '<a href="patients/P3.html">P3</a>' in html
    assert "<b>" not in html
    assert re.findall(r'href="patients/([^"]*)"', html) == [
        *("%3Cb%3E%231.html", "P3.html", "P4.html", "a%26b%20c.html"),
    ]
    assert ">a&amp;b c</a>" in html


def test_it_needs_no_other_file_and_is_the_same_twice(applied, index):
    files = applied()
    html = index(files)
    assert html == index(files)
    assert "http" not in html
    assert "<img" not in html


@pytest.mark.parametrize("number", [1, 300])
def test_one_patient_and_three_hundred(applied, index, number):
    files = applied()
    names = [f"N{place:03d}" for place in range(number)]
    predictions = pd.read_csv(files.predictions, sep="\t")
    one = predictions[predictions["patient_id"] == "P2"]
    many = pd.concat([one.assign(patient_id=name) for name in names])
    many.to_csv(files.predictions, sep="\t", index=False)
    verdicts = pd.read_csv(files.verdicts, sep="\t")
    one = verdicts[verdicts["patient_id"] == "P2"]
    distances = [{"patient_id": name, "furthest": 1 + place} for place, name in enumerate(names)]
    many = pd.concat([one.assign(**row) for row in distances])
    many.to_csv(files.verdicts, sep="\t", index=False)
    html = index(files)
    assert [row[0] for row in rows_of(html)] == names
    assert html.count('<a href="patients/') == number
    assert f"{number} patient{'' if number == 1 else 's'}: {number} outside; 0 " in html
    assert len(html) < 2e5


def test_outside_comes_first_else_as_the_verdicts_stand():
    kinds = ["unknown", "outside", "inside", "outside", "inside"]
    verdicts = pd.DataFrame({"patient_id": list("edcba"), "verdict": kinds})
    verdicts = verdicts.assign(outside="TBIL 97 umol/L", furthest=None)
    predictions = pd.DataFrame(columns=["patient_id", "model", "risk_group", "survival_12_months"])
    table = index_table(verdicts, predictions, pd.DataFrame(columns=["model", "label"]))
    assert [line.cells[0] for line in table.lines] == ["d", "b", "e", "c", "a"]
    assert table.lines[0].cells[2] == "TBIL 97 µmol/L"
    told = "2 outside, 1 not compared, 2 inside the training range; 5 predicted by no model."
    assert table.title == f"5 patients: {told}"


def test_steps_that_are_not_those_of_the_fit_are_named(applied, index):
    assert "not those" not in index(applied())
    html = index(applied(), ["imaging/resample", "radiomics/extract_features"])
    assert "so that numbers may differ: imaging/resample, radiomics/extract_features." in html


def test_established_scores_stand_on_the_pages_of_patients_alone():
    predictions = pd.DataFrame(
        {"patient_id": "P1", "model": ["clinical", "albi"], "risk_group": "low", "risk": 0.0}
    ).assign(survival_12_months=0.5)
    verdicts = pd.DataFrame([{"patient_id": "P1", "verdict": "inside", "outside": None}])
    verdicts = verdicts.assign(compared=1, beyond=0, furthest=None, missing=None)
    models = pd.DataFrame({"model": ["clinical", "albi"], "label": ["Clinical", "ALBI"]})
    table = index_table(verdicts, predictions, models)
    assert "Clinical" in table.columns
    assert "ALBI" not in table.columns


def test_whoever_names_the_outcome_otherwise_learns_that_nobody_is_followed(applied, index):
    assert "0 patients, of whom 0 died. Below 5 deaths the models are not measured" in index(
        applied()
    )
    assert "1 patient, of whom 1 died" in index(applied(), followed=(1, 1))
    assert "9 patients, of whom 5 died. What the models" in index(applied(), followed=(9, 5))
