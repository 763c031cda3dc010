"""Manuscript tables: what a journal prints, in HTML and Word."""

import re
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from docx import Document

from taceflow.errors import InputError
from taceflow.report.html import write_html
from taceflow.report.manuscript import as_printed, formula, write_manuscript_table
from taceflow.report.word import write_docx


def test_table_s1_as_printed(finished, cells):
    table = as_printed(finished.table_s1, "table_s1")
    assert cells(table) == [
        ("ALBI score", "1.43 (1.08–1.90)", "0.012", "1.21 (0.90–1.63)", "0.200"),
        ("BCLC-B substage", "", "<0.001", "", "0.030"),
        ("B1", "1 (reference)", "", "1 (reference)", ""),
        ("B2", "2.50 (1.10–5.70)", "0.020", "2.20 (1.01–4.80)", "0.047"),
        ("Microvascular invasion [1]", "", "", "", ""),
        ("DLOP-CTR (per 10 points)", "0.70 (0.40–0.87)", "<0.001", "0.81 (0.68–0.96)", "0.018"),
    ]
    assert table.groups[1] == ("Univariate (n = 39–40, deaths 27–28)", 2)
    assert table.notes[-1] == "ALBI: albumin-bilirubin; BCLC: Barcelona Clinic Liver Cancer."
    name = "Microvascular invasion"
    assert table.notes[-2] == f"[1] {name}: all deaths have {name} 1, no finite estimate"


def test_table_s1_without_a_multivariable_model(finished, cells):
    table = finished.table_s1.copy()
    table.loc[:, [name for name in table if name.endswith("_multi")]] = np.nan
    printed = as_printed(table, "table_s1")
    assert printed.groups[2][0] == "Multivariable: no variable entered"
    assert all(row[3:] == ("", "") for row in cells(printed))


def test_what_the_sheet_lacks_is_not_printed(finished):
    absent = {"variable": "cirrhosis", "label": "Cirrhosis", "n": 0, "events": 0, "deaths": 0}
    absent |= {"n_training": 0, "n_validation": 0, "missing_training": 40, "horizon_months": 36.0}
    absent |= {"note": "cirrhosis: no value in the cohort table", "missing_validation": 20}
    for name in ("table_1", "table_s1", "logistic"):
        table = finished.tables[name]
        row = pd.DataFrame([{key: value for key, value in absent.items() if key in table}])
        wider = pd.concat([table, row], ignore_index=True)
        assert as_printed(wider, name) == as_printed(table, name)


def test_table_1_as_printed(finished, cells):
    table = as_printed(finished.table_1, "table_1")
    assert table.columns[1:3] == ("Training (n = 40)", "Validation (n = 20)")
    assert cells(table) == [
        ("Age (years)", "58.1 ± 9.3", "57.0 ± 8.8", "t", "0.654"),
        ("missing", "0", "1", "", ""),
        ("Microvascular invasion", "", "", "Fisher", "<0.001"),
        ("no", "30 (75.0%)", "12 (63.2%)", "", ""),
        ("yes", "10 (25.0%)", "7 (36.8%)", "", ""),
        ("missing", "0", "1", "", ""),
    ]


def test_table_1_with_an_external_cohort(finished, cells):
    table = finished.table_1.assign(
        external=["61.0 ± 8.0", "5 (50.0%)", "5 (50.0%)"],
        n_external=10,
        test_external=["t", "Fisher", None],
        p_external=[0.4, 0.002, np.nan],
    )
    printed = as_printed(table, "table_1")
    assert printed.title == "Table 1. Patients of the training, validation and external cohorts"
    assert printed.columns == (
        "",
        "Training (n = 40)",
        "Validation (n = 20)",
        "External (n = 10)",
        "Test",
        "p",
        "Test, external",
        "p, external",
    )
    assert cells(printed)[0] == (
        "Age (years)",
        "58.1 ± 9.3",
        "57.0 ± 8.8",
        "61.0 ± 8.0",
        "t",
        "0.654",
        "t",
        "0.400",
    )
    assert cells(printed)[1] == ("missing", "0", "1", "0", "", "", "", "")
    assert {len(row) for row in cells(printed)} == {8}
    assert "Each test is against the training cohort." in printed.notes[0]
    alone = table.assign(validation=None, n_validation=0, missing_validation=0)
    printed = as_printed(alone, "table_1")
    assert printed.title == "Table 1. Patients of the training and the external cohort"
    assert printed.columns[1:] == ("Training (n = 40)", "External (n = 10)", "Test", "p")
    assert cells(printed)[0][-1] == "0.400"


def test_table_1_of_training_patients_alone(finished):
    alone = finished.table_1.assign(validation=None, n_validation=0, missing_validation=0)
    printed = as_printed(alone.assign(test=None, p=np.nan), "table_1")
    assert printed.title == "Table 1. Patients of the training cohort"
    assert printed.columns == ("", "Training (n = 40)")


def test_table_s2_as_printed(finished, cells):
    table = as_printed(finished.table_s2, "table_s2")
    rows = cells(table)
    name = "wavelet.HLL_glszm_SmallAreaLowGrayLevelEmphasis"
    assert rows[0] == ("(Intercept)", "(Intercept)", "0.1628708", "", "")
    assert rows[1][1:] == (name, "−6.212688e−05", "87%", "3")
    assert "share of 100 bootstrap resamples" in table.notes[1]
    assert table.notes[-1] == f"Radscore = 0.1628708 + {name} × −6.212688e−05"


def test_table_s2_of_published_coefficients_has_no_frequency(finished):
    known = finished.table_s2.assign(frequency=np.nan, resamples=np.nan, sign_flips=np.nan)
    assert len(as_printed(known, "table_s2").columns) == 3


def test_table_s2_without_features(finished):
    table = as_printed(finished.table_s2.iloc[:0], "table_s2")
    assert "No feature was selected" in table.notes[0]
    assert table.notes[-1] == "Radscore = 0"


def test_unknown_table(finished):
    with pytest.raises(InputError, match="table_9"):
        as_printed(finished.table_s2, "table_9")


@pytest.mark.parametrize("name", ["table_1", "table_s1", "table_s2", "logistic"])
def test_word_document_holds_the_same_cells(finished, tmp_path, name):
    table = as_printed(finished.tables[name], name)
    write_docx(table, str(tmp_path / "table.docx"))
    document = Document(str(tmp_path / "table.docx"))
    rows = [tuple(cell.text for cell in row.cells) for row in document.tables[0].rows]
    shown = [
        (line.cells[0],) * len(line.cells) if line.part else line.cells for line in table.lines
    ]
    assert rows[-len(table.lines) :] == shown
    assert rows[-len(table.lines) - 1] == table.columns
    assert document.paragraphs[0].text == table.title
    assert [paragraph.text for paragraph in document.paragraphs[1:]] == list(table.notes)


def test_documents_are_the_same_bytes_twice(finished, tmp_path):
    table = as_printed(finished.table_s1, "table_s1")
    for name in ("one", "two"):
        write_docx(table, str(tmp_path / f"{name}.docx"))
        write_html(table, str(tmp_path / f"{name}.html"))
    for suffix in ("docx", "html"):
        one, two = (tmp_path / f"{name}.{suffix}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_files_from_a_table_on_disk(finished, tmp_path):
    source = tmp_path / "table_s1.tsv"
    finished.table_s1.to_csv(source, sep="\t", index=False)
    html, docx = str(tmp_path / "t.html"), str(tmp_path / "t.docx")
    write_manuscript_table(
        table=str(source), name="table_s1", decimal_mark="point", html=html, docx=docx
    )
    assert "<td>1.43 (1.08–1.90)</td>" in (tmp_path / "t.html").read_text(encoding="utf-8")
    assert len(Document(docx).tables) == 1


def test_numbers_of_a_table_have_the_decimal_mark(finished, tmp_path):
    for name in ("table_1", "table_s1", "table_s2", "logistic"):
        source, html, docx = (str(tmp_path / f"{name}.{kind}") for kind in ("tsv", "html", "docx"))
        finished.tables[name].to_csv(source, sep="\t", index=False)
        write_manuscript_table(table=source, name=name, decimal_mark="comma", html=html, docx=docx)
        document = Document(docx)
        told = [one.text for one in document.paragraphs]
        told += [cell.text for row in document.tables[0].rows for cell in row.cells]
        body = Path(html).read_text(encoding="utf-8").split("<main>")[1]
        told.append(unescape(re.sub("<[^>]*>", " ", body)))
        # but for features as R writes them
        assert not [text for text in told if re.search(r"(?<![\w.])\d+\.\d", text)]
        assert sum(len(re.findall(r"\d,\d", text)) for text in told) > 5


def test_formula():
    model = {"intercept": 0.1628708, "coefficients": {"a": 0.0621, "b": -2.5e-05}}
    assert formula(model) == "Radscore = 0.1628708 + a × 0.0621 + b × −2.5e−05"
    assert formula({"intercept": None, "coefficients": {}}) == "Radscore = 0"
