"""The page of a new patient: the verdict first, whole without any other file, nobody else on it."""

import re

import pytest
from PIL import Image

from taceflow.errors import InputError
from taceflow.figures.patient_sheet import patient_sheet
from taceflow.files.schemas import load_schema
from taceflow.files.tables import read_table
from taceflow.report.patient_page import outside_table, read_sheet, write_patient_page
from taceflow.wording.intended_use import NO_DECISION


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "P2.png"
    Image.new("RGB", (1080, 760), "grey").save(path)
    return str(path)


@pytest.fixture
def written(tmp_path):
    """Write a page; returns the HTML's text and the PDF's bytes."""

    def write(files, patient="P2", picture=None):
        html, pdf = (str(tmp_path / f"page.{kind}") for kind in ("html", "pdf"))
        arguments = {"run": "clinic", "patient": patient, "files": files, "picture": picture}
        write_patient_page(**arguments, html=html, pdf=pdf)
        return open(html, encoding="utf-8").read(), open(pdf, "rb").read()

    return write


def on_paper(files, patient="P2"):
    """Return what is written on the sheet, a line a text."""
    figure = patient_sheet(read_sheet("clinic", patient, files), None)
    return "\n".join(text.get_text() for axes in figure.axes for text in axes.texts)


def test_both_say_the_same_and_the_verdict_first(applied, written):
    files = applied()
    html, _ = written(files)
    page = re.sub(r"<[^>]+>", " ", html.partition("<body>")[2])
    for text in (" ".join(page.split()), " ".join(on_paper(files).split())):
        said = (
            "P2",
            "Outside the training range",
            "Slice thickness 10 mm (training 1 to 5)",
            "1 of 23 compared quantities lies outside.",
            "above by 3.4",
        )
        places = [text.index(words) for words in said]
        assert places == sorted(places)
        assert NO_DECISION.split(":")[0] in text
        assert "DLOP-Cox" in text
        assert "0.71 (0.61–0.81)" in text
        assert "Run clinic. Model demo" in text
    assert "<h1>P2</h1>" in html


def test_survival_is_that_of_the_table_with_its_interval(applied, written):
    files = applied(models=("clinical", "dlop_cox"), horizons=(12.0, 36.0))
    rows = read_table(files.predictions).set_index(["patient_id", "model"])
    row = rows.loc[("P2", "dlop_cox")]
    ends = [f"{100 * row[f'survival_12_months{end}']:.0f}" for end in ("", "_lower", "_upper")]
    html, _ = written(files)
    assert f"<td>{ends[0]}% ({ends[1]}–{ends[2]})</td>" in html
    paper = on_paper(files)
    assert f"{ends[0]}%" in paper
    assert f"{ends[1]}–{ends[2]}" in paper


def test_the_same_files_give_the_same_bytes(applied, written, picture):
    files = applied(models=("clinical", "dlop_combin"))
    assert written(files, picture=picture) == written(files, picture=picture)


def test_the_page_needs_no_other_file_and_the_sheet_is_one(applied, written, picture):
    html, pdf = written(applied(), picture=picture)
    assert "http" not in html
    assert {source[:5] for source in re.findall(r'src="([^"]*)"', html)} == {"data:"}
    assert re.findall(r'href="([^"]*)"', html) == ["../index.html"]
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 1
    width, height = map(float, re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+)", pdf).groups())
    assert (width / 72 * 25.4, height / 72 * 25.4) == pytest.approx((210, 297), abs=0.1)
    assert b"/CreationDate" not in pdf


def test_the_picture_is_there_only_with_images(applied, written, picture):
    with_images, pdf = written(applied(), picture=picture)
    without, smaller = written(applied())
    assert 'alt="Masks over the CT of P2"' in with_images
    assert "image/jpeg" not in without
    assert b"/Subtype /Image" in pdf
    assert b"/Subtype /Image" not in smaller


def test_a_reader_predicts_what_the_run_may_know():
    for read in ("verdicts", "patient_ranges", "applied_models", "survival_predictions"):
        assert not {"time_months", "event"} & set(load_schema(read)["properties"])


def test_nobody_else_is_on_the_page(applied, written):
    html, _ = written(applied())
    body = html.partition("<main>")[2]
    assert not re.search(r"\bP[134]\b", re.sub(r'src="[^"]*"', "", body))


def test_what_is_data_is_no_markup(applied, written, rewrite, picture):
    files = applied()
    odd = {"label": "<b>Größe</b> $x$", "value": "联影 <i>", "training": "a & <b>b", "name": "n"}
    rewrite(files.ranges, lambda table: table.assign(**odd))
    rewrite(files.models, lambda table: table.assign(label="<u>Cox</u>"))
    rewrite(files.verdicts, lambda table: table.assign(outside="<s>out</s>"))
    for path in (files.ranges, files.predictions, files.verdicts):
        rewrite(path, lambda table: table.replace({"patient_id": {"P2": '<b>"2'}}))
    html, _ = written(files, '<b>"2', picture)
    assert not re.search(r"<[biu]>|<s>", html)
    assert "<h1>&lt;b&gt;&quot;2</h1>" in html
    assert 'alt="Masks over the CT of &lt;b&gt;&quot;2"' in html
    for text in ("&lt;b&gt;Größe&lt;/b&gt; $x$", "联影 &lt;i&gt;", "a &amp; &lt;b&gt;b"):
        assert f">{text}<" in html
    assert "&lt;u&gt;Cox" in html
    assert "&lt;s&gt;out" in html
    assert "<b>Größe</b> $x$" in on_paper(files, '<b>"2')


def test_without_a_model_the_page_says_why(applied, written, rewrite):
    files = applied()
    html, _ = written(files, "P3")
    assert "<strong>No model predicts this patient.</strong>" in html
    for text in (html, on_paper(files, "P3")):
        assert "Models that do not predict this patient" in text
        assert "No value of ALBI score" in text
    rewrite(files.verdicts, lambda table: table.assign(missing=None))
    (line, *_) = read_sheet("clinic", "P3", files).not_applied.lines
    assert line.cells[1] == "Outside the training range: not predicted"


def test_a_model_that_does_not_predict_the_patient_says_why(applied, rewrite):
    files = applied()
    last = ("P2", "dlop_cox")
    rewrite(files.predictions, lambda t: t[(t["patient_id"] != last[0]) | (t["model"] != last[1])])
    sheet = read_sheet("clinic", "P2", files)
    assert [one.label for one in sheet.predictions.models] == ["Clinical"]
    (line,) = sheet.not_applied.lines
    assert line.cells == ("DLOP-Cox", "The patient has a level that it does not know")
    rewrite(files.verdicts, lambda table: table.assign(missing="albi_score"))
    (line,) = read_sheet("clinic", "P2", files).not_applied.lines
    assert line.cells[1] == "No value of ALBI score"
    # of a model that predicts nobody the note is everybody's
    rewrite(files.models, lambda table: table.assign(patients=0, note="it needs images"))
    (line,) = read_sheet("clinic", "P2", files).not_applied.lines
    assert line.cells[1] == "It needs images"


def test_a_patient_inside_is_told_so(applied, written):
    html, _ = written(applied(), "P1")
    assert '<p class="verdict inside"><strong>✓ Inside the training range.</strong>' in html
    assert "Each of 23 compared quantities lies where the training patients do." in html
    assert "Outside the training range" not in html


def test_a_patient_of_whom_nothing_is_compared_is_told_so(applied, written):
    files = applied()
    html, _ = written(files, "P4")
    for text in (html, on_paper(files, "P4")):
        assert "? Not compared with the training range" in text
        assert "The bundle tells no range of anything that this patient has." in text
    assert 'class="verdict unknown"' in html


def test_units_are_those_of_print(applied, rewrite):
    files = applied()
    rewrite(files.verdicts, lambda table: table.assign(outside="TBIL 97 umol/L (training -1 to 3)"))
    details = read_sheet("clinic", "P2", files).details
    assert details[0] == "TBIL 97 µmol/L (training −1 to 3)"


def test_a_missing_value_is_named_as_in_print(applied):
    details = read_sheet("clinic", "P3", applied()).details
    assert details[0] == "Manufacturer Neusoft (training GE, Siemens)"
    assert details[-1] == "No value of ALBI score, which a model needs."


def test_a_network_has_no_interval(applied, written):
    files = applied(models=("clinical", "dlop_combin"))
    html, _ = written(files)
    assert "without an interval: that of a network, and" in html
    assert "A network has no interval." in on_paper(files)
    first, second = read_sheet("clinic", "P2", files).predictions.models
    assert (first.is_network, first.has_interval) == (True, False)
    assert (second.is_network, second.has_interval) == (False, True)


def test_worst_first_and_in_words(applied):
    rows = [
        {"label": "a", "value": "-2", "training": "-1 to 5", "place": "below", "distance": 0.44},
        {"label": "b", "value": "-1", "training": "y, z", "place": "unknown", "distance": None},
        {"label": "c (umol/L)", "value": "9", "training": "1 to 5", "place": "above"}
        | {"distance": 2.0},
        {"label": "d", "value": None, "training": "3 to 5", "place": "missing", "distance": None},
        {"label": "e", "value": "4", "training": "3 to 5", "place": "inside", "distance": None},
        {"label": "f", "value": "4", "training": None, "place": "untold", "distance": None},
    ]
    base = {"patient_id": "P2", "kind": "image"}
    places = [base | {"name": row["label"]} | row for row in rows]
    places = read_table(applied(places=places).ranges, "patient_ranges")
    table = outside_table(places)
    assert [line.cells for line in table.lines] == [
        ("b", "-1", "y, z", "not among these"),
        ("c (µmol/L)", "9", "1 to 5", "above by 2.0"),
        ("a", "−2", "−1 to 5", "below by 0.4"),
        ("d", "", "3 to 5", "no value"),
    ]
    assert table.title == "Outside the training range or without a value"
    assert outside_table(places[places["place"] == "below"]).title == "Outside the training range"


def test_c_is_that_of_patients_on_whom_the_model_was_not_fitted(applied, rewrite):
    files = applied()
    assert read_sheet("clinic", "P2", files).predictions.cohort == "validation"
    path = f"{files.opened}/performance.tsv"
    rewrite(path, lambda table: table[table["cohort"] == "training"])
    found = read_sheet("clinic", "P2", files).predictions
    assert (found.cohort, found.models[0].merit) == ("", "")


def test_an_unknown_patient_is_named(applied, written):
    files = applied()
    with pytest.raises(InputError, match=r"P9.*no verdict.*verdicts\.tsv"):
        written(files, "P9")
