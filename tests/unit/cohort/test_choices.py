"""Whoever marks a series in the table of candidates gets it."""

import pandas as pd
import pytest

from taceflow.cohort.choices import read_choices, with_choices
from taceflow.errors import InputError

KEYS = [f"uid-{digit * 16}" for digit in "012"]
ABSENT = {"image": "", "series_uid": ""}


@pytest.fixture
def write(tmp_path):
    def write(ids, marks, suffix=".tsv"):
        table = pd.DataFrame({"patient_id": ids, "use": marks, "phase": "arterial", "study": 1})
        table = table.assign(series_uid=[KEYS[0], f"{KEYS[1]}/2", KEYS[2]], time="10:15:30")
        path = tmp_path / f"choices{suffix}"
        if suffix == ".xlsx":
            table.to_excel(path, index=False)
        else:
            table.to_csv(path, sep="\t", index=False)
        return str(path)

    return write


@pytest.mark.parametrize("suffix", [".tsv", ".xlsx"])
@pytest.mark.parametrize(
    "marks",
    [[None, "x", "X"], [0, 1, 1], ["no", "yes", "this"], ["FALSCH", "WAHR", "ja"], ["-", "✓", 1]],
)
def test_a_mark_chooses(write, marks, suffix):
    path = write(["007", "007", "A"], marks, suffix)
    chosen = read_choices(path, ["007", "A", "B"])
    assert chosen == {"007": f"{KEYS[1]}/2", "A": KEYS[2]}
    scans = {"A": {"image": "my/A", "series_uid": ""}, "B": {"image": "my/B", "series_uid": "1.2"}}
    assert with_choices(scans, chosen, ABSENT, path) == {
        "007": {"image": "", "series_uid": f"{KEYS[1]}/2"},
        "A": {"image": "my/A", "series_uid": KEYS[2]},
        "B": {"image": "my/B", "series_uid": "1.2"},
    }


def test_answers_that_cannot_be_meant_are_refused(write):
    ids = ["007", "007", "A"]
    for marks, words in (
        ([None, None, None], "no row is marked"),
        ([0, 0, 0], "no row is marked"),
        (["x", "x", None], "patient 007: 2 series are marked"),
        ([None, None, "x"], "patient A: is not in the table of patients"),
    ):
        with pytest.raises(InputError, match=words):
            read_choices(write(ids, marks), ["007"])
    scans = {"A": {"image": "my/A", "series_uid": "1.2"}}
    with pytest.raises(InputError, match="patient A: the table of scans names another series_uid"):
        with_choices(scans, {"A": KEYS[2]}, ABSENT, "choices.tsv")
