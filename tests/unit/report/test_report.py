"""The report: one file, nothing from outside, everything in it."""

import base64
import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from jinja2 import UndefinedError

from taceflow.report.report import render_report, write_report

EMPTY_ELEMENTS = {"meta", "img", "br", "link", "hr", "input"}


class Page(HTMLParser):
    """Collects attributes, and checks that elements are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.links, self.images, self.ids, self.open, self.names = [], {}, [], [], set()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.names.add(tag)
        if tag not in EMPTY_ELEMENTS:
            self.open.append(tag)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "img":
            self.images[attrs["alt"]] = attrs["src"]
        self.links += [attrs[name] for name in ("href", "src", "srcset") if name in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def text_of(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


class Tables(HTMLParser):
    """Collects the attributes of elements, and the text of each head of a table."""

    def __init__(self, text):
        super().__init__()
        self.found, self.heads = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag == "th":
            self.heads.append("")

    def handle_data(self, data):
        if self.heads and self.found[-1][0] == "th":
            self.heads[-1] += data


def test_tables_scroll_by_keys_and_have_no_empty_heads(page):
    parsed = Tables(page)
    scrolling = [attrs for tag, attrs in parsed.found if "scroll" in attrs.get("class", "").split()]
    # each table, and each picture that is wider than a small screen; one of a column is not
    scrolling = [attrs for attrs in scrolling if attrs.keys() != {"class"}]
    assert len(scrolling) == page.count("<table>") + page.count('class="wide"') > 10
    labels = [attrs["aria-label"] for attrs in scrolling]
    assert len(labels) == len(set(labels))
    for attrs in scrolling:
        assert (attrs["tabindex"], attrs["role"]) == ("0", "region")
        assert attrs["aria-label"]
    assert all(head.strip() for head in parsed.heads)
    scopes = [attrs["scope"] for tag, attrs in parsed.found if tag == "th"]
    assert set(scopes) == {"col", "colgroup", "row", "rowgroup"}
    alternatives = [attrs.get("alt") for tag, attrs in parsed.found if tag == "img"]
    assert all(alternatives)
    assert len(alternatives) == len(set(alternatives))


def test_a_figure_is_printed_at_the_width_for_which_its_letters_were_chosen(page):
    widths = {
        attrs["alt"]: attrs["style"]
        for tag, attrs in Tables(page).found
        if tag == "img" and "style" in attrs
    }
    assert widths == {
        "Figure S1": "--width: 85.0mm",
        "Survival by risk group, DLOP-Cox": "--width: 178.0mm",
    }
    printed = page.split("@media print")[1]
    assert "figure img, .wide img { width: var(--width); max-width: 100%;" in printed
    # 210 mm less the margins hold a figure over the page, and two of one column
    assert "@page { size: A4; margin: 15mm 16mm; }" in page
    assert '<figure id="km_dlop_cox" class="wide">' in page
    assert ".pairs .wide { grid-column: 1 / -1; }" in page
    # what scrolls on a screen is whole on paper
    assert ".scroll { overflow: visible; }" in printed


@pytest.mark.parametrize(
    ("title", "words"), [(None, "Overall survival"), ("Survival with lung cancer", None)]
)
def test_the_title_is_that_of_the_study(report_inputs, tmp_path, title, words):
    config = report_inputs["config"] | {"title": title}
    write_report(**report_inputs | {"config": config}, output=str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"<h1>{words or title}: run “made”</h1>" in page
    assert "TACE" not in text_of(page.split("<main>")[1].split("<h2")[0])


def test_a_report_with_another_decimal_mark_keeps_works_versions_and_files(
    report_inputs, page, tmp_path
):
    figures = report_inputs["config"]["figures"] | {"decimal_mark": "comma"}
    config = report_inputs["config"] | {"figures": figures}
    write_report(**report_inputs | {"config": config}, output=str(tmp_path / "report.html"))
    marked = (tmp_path / "report.html").read_text(encoding="utf-8")
    kept = r'(?s)<(style|script).*?</\1>|<(section|ol|ul) translate="no">.*?</\2>'
    read = text_of(re.sub(kept, "", marked))
    # PyRadiomics' names in R, and versions of three parts
    assert not re.search(r"(?<![\w.])\d+\.\d+(?!\.?\d)", read)
    assert len(re.findall(r"\d,\d", read)) > 100
    for kept in ("CC BY 4.0", "J Stat Softw 2011;39(5):1–13"):
        assert kept in page
        assert kept in marked
    for part in ("src", "href", "style"):
        assert re.findall(rf'{part}="[^"]*"', marked) == re.findall(rf'{part}="[^"]*"', page)
    # columns are sorted by what the numbers are worth
    assert '.replace(",", ".")' in marked


def test_nothing_comes_from_outside(page):
    parsed = Page(page)
    beside = ("figures/", "tables/", "manuscript/", "qc/")
    assert all(link.startswith(("#", "data:", *beside)) for link in parsed.links)
    assert not re.search(r"https?://|url\(|@import|import\(|fetch\(", page)
    assert not parsed.names & {"link", "iframe", "object"}


def test_contents_lead_to_sections_that_exist_once(page):
    parsed = Page(page)
    targets = [link[1:] for link in parsed.links if link.startswith("#")]
    assert len(targets) == 13
    assert set(targets) <= set(parsed.ids)
    assert len(parsed.ids) == len(set(parsed.ids))


def test_every_figure_and_picture_is_embedded(page, report_inputs):
    images = Page(page).images
    for title, path in zip(
        ("Figure S1", "Survival by risk group, DLOP-Cox"), report_inputs["figures"], strict=True
    ):
        kind, content = images[title].split(";base64,")
        assert kind == "data:image/svg+xml"
        with open(path, "rb") as file:
            assert base64.b64decode(content) == file.read()
    pictures = [f"Masks of {patient}" for patient in ("P001", "P002")]
    for name in [*pictures, "Contact sheet, page 1", "Contact sheet, page 2"]:
        assert images[name].startswith("data:image/jpeg;base64,")


def test_captions_are_those_of_snakemake_with_the_models_name(page):
    text = text_of(page)
    assert "at high risk by DLOP-Cox." in text
    assert "{{" not in page
    assert "63 in the sheet; n = 60, deaths" in text


def test_numbers_of_the_run(page, finished):
    text = text_of(page)
    assert f"60 of 63 patients analysed, {finished.patients['event'].sum()} deaths" in text
    assert "X1 follow-up no follow-up time" in text
    assert "1.43 (1.08–1.90)" in text
    assert "Harrell's C Clinical 0.71 (0.62–0.80) 0.71 (0.62–0.80) Radscore" in text
    assert "Time-dependent AUC at 12 months Clinical 0.74 (0.61–0.88)" in text
    assert "DLOP-Cox − Clinical −0.010 (−0.090 to 0.070) 0.800 >0.999" in text
    assert "36 (90%)" in text
    assert "Radscore = " in text


def test_flagged_patients_stand_first_with_what_was_found(page):
    text = text_of(page)
    found = "88% of the mask in air or off the body; Dice reader2-1 0.39"
    assert f"P002 outside; disagreement {found} 53.3 47 −874 (−920 to 118) 0.39" in text
    assert "disagreement: a Dice coefficient with reader1-1 below 0.7." in text
    assert f"P002: {found} P001" in text


def test_what_a_reader_said_stands_under_the_flags(page):
    assert "A reader judged the masks of 1 of 1 patient: 1 keep. Patients, worst first" in text_of(
        page
    )


def test_nobody_flagged(report_inputs, tmp_path):
    path = report_inputs["tables"]["quality"]
    pd.read_csv(path, sep="\t").assign(flags=None, findings=None).to_csv(
        path, sep="\t", index=False
    )
    write_report(**report_inputs, output=str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    found = "Patients to look at again, worst first: none of 2 patients has a flag."
    assert found in text_of(page)
    assert "Lowest Dice" not in page
    assert "median is not from −50 to 300 HU" in text_of(page)


def test_banners(page):
    text = text_of(page)
    assert "Made-up patients." in text
    assert "Random convolutions." in text
    assert "Published coefficients" not in text


def test_what_is_missing_is_said(page):
    assert "Figure S3: the table of patients has no bclc_b_substage." in text_of(page)


def test_data_are_cited_where_there_are_citations(page, report_inputs, tmp_path):
    assert "Data Somebody et al., A cohort, CC BY 4.0" in text_of(page)
    config = report_inputs["config"] | {"citations": []}
    write_report(**report_inputs | {"config": config}, output=str(tmp_path / "none.html"))
    assert "<h3>Data</h3>" not in (tmp_path / "none.html").read_text()


def test_no_path_of_the_machine(page):
    assert "somebody" not in page


def test_two_renders_are_the_same(report_inputs, tmp_path):
    pages = []
    for name in ("one.html", "two.html"):
        write_report(**report_inputs, output=str(tmp_path / name))
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]


def test_of_a_large_cohort_the_worst_are_shown(report_inputs, tmp_path, monkeypatch):
    monkeypatch.setattr("taceflow.report.report.MOST_PICTURES", 1)
    write_report(**report_inputs, output=str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text()
    assert [name for name in Page(page).images if name.startswith("Masks of")] == ["Masks of P002"]
    assert "Patients, worst first (1 of 60)" in text_of(page)


def test_published_family_without_pictures(report_inputs, tmp_path):
    config = report_inputs["config"] | {"radscore": {"family": "published"}}
    path = report_inputs["descriptions"]["radscore"]
    with open(path) as file:
        model = json.load(file)
    model |= {"family": "published", "lambda": None, "choose": None, "intercept": 0.1628708}
    with open(path, "w") as file:
        json.dump(model, file)
    study = report_inputs["study"] | {"is_synthetic": False}
    inputs = report_inputs | {"config": config, "quality_pictures": [], "study": study}
    write_report(**inputs, output=str(tmp_path / "report.html"))
    text = text_of((tmp_path / "report.html").read_text())
    assert "Published coefficients." in text
    assert "One of the five features depends on the field of view." in text
    assert "Made-up patients" not in text
    assert "Radscore = 0.1628708 + " in text or "Radscore = 0.1628708 − " in text
    assert "no pictures" in text


def test_nothing_selected_and_empty_tables(report_inputs, tmp_path):
    with open(report_inputs["descriptions"]["radscore"], "r+") as file:
        model = json.load(file) | {"coefficients": {}, "note": "No feature was selected."}
        file.seek(0)
        file.truncate()
        json.dump(model, file)
    for name in ("comparisons", "exclusions", "table_s2"):
        path = report_inputs["tables"][name]
        with open(path) as file:
            head = file.readline()
        with open(path, "w") as file:
            file.write(head)
    write_report(**report_inputs, output=str(tmp_path / "report.html"))
    text = text_of((tmp_path / "report.html").read_text())
    assert "Radscore = 0" in text
    assert "No feature selected." in text
    assert "Patients excluded: none." in text


def test_figures_of_models_stand_in_the_studys_order(report_inputs, tmp_path):
    source = Path(report_inputs["figures"][1])
    figures = []
    for model in ("dlop_combin", "clinical", "radscore"):
        figures.append(str(tmp_path / f"roc_{model}.svg"))
        Path(figures[-1]).write_bytes(source.read_bytes())
    write_report(**report_inputs | {"figures": figures}, output=str(tmp_path / "report.html"))
    ids = [one for one in Page((tmp_path / "report.html").read_text()).ids if "roc_" in one]
    assert ids == ["roc_clinical", "roc_radscore", "roc_dlop_combin"]


def test_markup_in_data_is_escaped(report_inputs, tmp_path):
    study = report_inputs["study"] | {"left_out": {"Figure S3": "<script>alert(1)</script>"}}
    write_report(**report_inputs | {"study": study}, output=str(tmp_path / "report.html"))
    assert "<script>alert" not in (tmp_path / "report.html").read_text()


def test_a_name_that_the_template_lacks_is_an_error():
    with pytest.raises(UndefinedError):
        render_report("{{ unknown }}", run="made")


def test_the_spread_over_the_seeds_stands_beside_the_estimate(page):
    words = text_of(page)
    assert "0.71 (0.62–0.80) ± 0.03" in words
    assert "standard deviation over the seeds" in words
    alone = re.search(r"Radscore (0\.71 \(0\.62–0\.80\).{5})", words).group(1)
    assert "±" not in alone
