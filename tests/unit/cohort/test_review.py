"""A reader's verdicts: whom they leave out, and when they hold no more."""

import pandas as pd
import pytest

from taceflow.cohort.review import Verdict, images_text, read_review, review_exclusions
from taceflow.errors import InputError

IMAGES = {"ct": "12e45678", "reader1-1": "00000001", "reader2-1": "0000000a"}
SEEN = images_text(IMAGES)


@pytest.fixture
def write(tmp_path):
    def write(rows, suffix=".tsv"):
        table = pd.DataFrame(rows)
        path = tmp_path / f"review{suffix}"
        if suffix == ".xlsx":
            table.to_excel(path, index=False)
        elif suffix == ".csv":
            table.to_csv(path, index=False, encoding="utf-8-sig")
        else:
            table.to_csv(path, sep="\t", index=False)
        return str(path)

    return write


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".xlsx"])
def test_what_a_spreadsheet_saves_again_is_read_the_same(write, suffix):
    rows = [
        {"patient_id": "001", "verdict": "exclude", "reason": 'Gefäß, "kein Tumor"'},
        {"patient_id": "002", "verdict": "keep", "images": SEEN, "own notes": 4},
        {"patient_id": "003", "verdict": None},
    ]
    assert read_review(write(rows, suffix), ["001", "002", "003"]) == {
        "001": Verdict("exclude", 'Gefäß, "kein Tumor"'),
        "002": Verdict("keep", images=SEEN),
    }


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            {"verdict": "exclude"},
            r"patient A: the verdict is exclude, and the reason is empty \[.*",
        ),
        ({"verdict": "redraw", "reason": " "}, r"verdict is redraw.*row 2\]\. Write the reason"),
        ({"patient_id": "B", "verdict": "keep"}, "patient B: is not in the table of patients"),
        ({"patient_id": "a", "verdict": "keep"}, "'a' .row 2. is 'A' there"),
        ({"verdict": "ok"}, r"'ok' is none of keep, exclude, redraw; did you mean 'keep'\?"),
        ({"verdict": "ausschließen", "reason": "x"}, r"did you mean 'exclude'\?"),
        ({"verdict": "keep", "images": "1.2E+45"}, "patient A: images: "),
    ],
)
def test_a_verdict_that_says_nothing_is_refused(write, row, words):
    with pytest.raises(InputError, match=words):
        read_review(write([{"patient_id": "A", "reason": None} | row]), ["A"])


def test_two_verdicts_of_one_patient_are_refused(write):
    rows = [{"patient_id": "A", "verdict": verdict} for verdict in ("keep", None)]
    with pytest.raises(InputError, match=r"more than one row for patient_id A \(rows 2, 3\)"):
        read_review(write(rows), ["A"])


def test_who_is_excluded_stays_out_and_who_is_kept_stays_in():
    review = {"A": Verdict("exclude", "no tumour", SEEN), "B": Verdict("keep")}
    other = IMAGES | {"reader1-1": "00000002"}
    for images in ({}, {"A": IMAGES}, {"A": other}):
        assert review_exclusions(review, images) == {"A": ("review", "no tumour", "")}


def test_a_redrawn_mask_brings_the_patient_back():
    review = {"A": Verdict("redraw", "a vein", SEEN)}
    out = {
        "A": ("review", "to be redrawn: a vein", "Draw the mask again: the patient is back then")
    }
    assert review_exclusions(review, {"A": IMAGES}) == out
    # one that came later was not looked at, and mends nothing
    assert review_exclusions(review, {"A": IMAGES | {"reader1-2": "00000003"}}) == out
    # nor does another CT under the same mask, or no image at all
    assert review_exclusions(review, {"A": IMAGES | {"ct": "ffffffff"}}) == out
    assert review_exclusions(review, {}) == out
    for name in ("reader1-1", "reader2-1"):
        assert review_exclusions(review, {"A": IMAGES | {name: "ffffffff"}}) == {}
    assert review["A"].changed(IMAGES | {"reader2-1": "00000004"}) == ["reader2-1"]


def test_a_redraw_by_hand_holds_until_it_is_taken_out():
    (_, _, remedy), *_ = review_exclusions({"A": Verdict("redraw", "a vein")}, {}).values()
    assert remedy == "Draw the mask again, and take the verdict out"
