"""The page of the review as a file: who is on it, and what was said of whom."""

import json
import re

import pytest

from taceflow.cohort.review import Verdict
from taceflow.files.tables import read_table, write_json
from taceflow.imaging.quality.review_page import write_review_page

IMAGES = {"ct": "0000000a", "reader1-1": "0000000b"}
SEEN = "ct 0000000a; reader1-1 0000000b"


@pytest.fixture
def write(root, tmp_path):
    def write(patients, review=(), run="demo"):
        for name, flags in patients.items():
            one = {"patient_id": name, "flags": flags, "volume_ml": 12.5, "longest_axis_mm": 30.0}
            one |= {"median_hu": 61.0, "dice": {}, "drawn_on": {}, "images": IMAGES}
            write_json(one, tmp_path / f"{name}.json")
        page, table = tmp_path / "index.html", tmp_path / "reviewed.tsv"
        write_review_page(
            numbers=[str(tmp_path / f"{name}.json") for name in patients],
            review=dict(review),
            run=run,
            template=str(root / "workflow" / "report" / "review.html"),
            page=str(page),
            table=str(table),
        )
        text = page.read_text(encoding="utf-8")
        found = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text)
        return text, json.loads(found[0]), read_table(table, "reviewed")

    return write


def test_everybody_is_there_worst_first_with_what_was_said(write, caplog):
    review = {
        "B": Verdict("keep", "", SEEN, "AB"),
        "C": Verdict("exclude", "no tumour", SEEN.replace("0b", "0c")),
        "D": Verdict("redraw", "a vein", SEEN.replace("0b", "0c")),
        "left": Verdict("keep"),
    }
    _, data, table = write({"A": {}, "B": {}, "C": {"cut": "mask cut"}, "D": {}}, review)
    assert [one["patient_id"] for one in data["patients"]] == ["C", "A", "B", "D"]
    assert data["patients"][2]["said"] == vars(review["B"])
    assert data["patients"][1]["said"] is None
    assert {one["images"] for one in data["patients"]} == {SEEN}
    told = table.set_index("patient_id").fillna("")
    assert told["verdict"].to_dict() == {"C": "exclude", "A": "", "B": "keep", "D": "redraw"}
    # whose mask was redrawn is in again, and nobody has judged the new one
    assert told["left_out"].to_dict() == {"C": 1, "A": 0, "B": 0, "D": 0}
    assert told["changed"].to_dict() == {"C": "reader1-1", "A": "", "B": "", "D": "reader1-1"}
    assert (
        "patient D: the verdict redraw is of other images, since reader1-1 changed" in caplog.text
    )
    assert "patient B" not in caplog.text


def test_the_page_asks_no_network_and_no_text_can_end_its_data(write):
    reason = "</script><script>alert(1)</script> <!-- & \u2028"
    text, data, table = write({"A": {"cut": reason}}, {"A": Verdict("keep", reason)}, run="a&b")
    assert data["patients"][0]["said"]["reason"] == reason
    assert text.count("<script") == 2
    assert "<title>Review of the masks: a&amp;b</title>" in text
    assert not re.findall(r"https?:|//[a-z]+\.|@import|url\(", text)
    assert table["reason"][0] == reason


def test_a_study_without_anybody_has_a_page_too(write):
    _, data, table = write({})
    assert data["patients"] == []
    assert table.empty
