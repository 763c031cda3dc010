"""The contact sheet: worst first, forty a page, one order in pictures and table."""

import gc
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread, imsave

from taceflow.files.schemas import load_schema
from taceflow.files.tables import read_table, write_json
from taceflow.imaging.quality.contact_sheet import rank, write_contact_sheet
from taceflow.imaging.quality.flags import FLAGS


def patient(name, flags=(), volume_ml=20.0, **dice):
    return {
        "patient_id": name,
        "flags": {flag: f"{flag} found" for flag in sorted(flags)},
        "volume_ml": volume_ml,
        "longest_axis_mm": 30.0,
        "pieces": 1,
        "median_hu": 60.0,
        "lower_hu": 20.0,
        "upper_hu": 100.0,
        "outside_percent": 0.0,
        "cut_by": [],
        "air_percent": 40.0,
        "tissue_peak_hu": 50.0,
        "dice": {f"reader{key[1]}-{key[3]}": value for key, value in dice.items()},
        "drawn_on": {},
    }


PATIENTS = [
    patient("fine, large", volume_ml=90.0),
    patient("fine, small"),
    patient("readers agree", r2_1=0.95),
    patient("readers agree less", r1_2=0.9, r2_1=0.75),
    patient("tiny", ["tiny"]),
    patient("cut", ["cut"]),
    patient("readers apart", ["disagreement"], r2_1=0.4),
    patient("no CT", ["no CT"]),
    patient("in air", ["no soft tissue", "outside"]),
    patient("cut and tiny", ["tiny", "cut"]),
]
ORDER = ["in air", "no CT", "cut and tiny", "readers apart", "cut", "tiny", "readers agree less"]
ORDER += ["readers agree", "fine, small", "fine, large"]


def test_worst_first_whatever_the_order_of_files():
    for patients in (PATIENTS, PATIENTS[::-1]):
        assert [one["patient_id"] for one in rank(patients)] == ORDER


@pytest.fixture
def written(tmp_path):
    """Write the sheet of `patients`, each of whom has a thumbnail of an own grey."""

    def write(patients):
        for place, one in enumerate(patients):
            name = one["patient_id"]
            write_json(one, tmp_path / f"{name}.json")
            grey = np.full((208, 208, 3), (place + 1) / (len(patients) + 1))
            (tmp_path / "thumbnails").mkdir(exist_ok=True)
            imsave(tmp_path / "thumbnails" / f"{name}.png", grey)
        write_contact_sheet(
            numbers=sorted(str(file) for file in tmp_path.glob("*.json")),
            thumbnails=[str(file) for file in (tmp_path / "thumbnails").iterdir()],
            pages=str(tmp_path / "pages"),
            table=str(tmp_path / "quality.tsv"),
        )
        pages = sorted((tmp_path / "pages").iterdir())
        return pages, read_table(tmp_path / "quality.tsv", "quality")

    return write


def test_the_table_has_the_order_and_the_flags_by_weight(written):
    _, table = written(PATIENTS)
    assert table["patient_id"].tolist() == ORDER
    assert table["weight"].is_monotonic_decreasing
    assert table["flags"][0] == "outside; no soft tissue"
    assert table["findings"][0] == "outside found; no soft tissue found"
    assert table["dice"][6] == "reader1-2 0.9000; reader2-1 0.7500"
    assert table["lowest_dice"][6] == 0.75
    assert table["flags"][6:].isna().all()


def test_forty_a_page_each_thumbnail_as_it_is_and_in_order(written):
    patients = [patient(f"P{number:02d}", volume_ml=1.0 + number) for number in range(45)]
    pages, table = written(patients)
    assert [page.name for page in pages] == ["page_01.png", "page_02.png"]
    first, second = (imread(page)[..., :3] for page in pages)
    assert first.shape[1] == second.shape[1] == 8 * 216 + 8
    greys = [
        first[34 + row * 272 + 100, 8 + column * 216 + 100, 0]
        for row in range(5)
        for column in range(8)
    ]
    greys += [second[134, 8 + column * 216 + 100, 0] for column in range(5)]
    np.testing.assert_allclose(greys, (np.arange(45) + 1) / 46, atol=1 / 255)
    assert table["patient_id"].tolist() == [one["patient_id"] for one in patients]


def test_no_page_is_kept_in_memory_once_it_is_written(written):
    gc.collect()
    gc.disable()
    try:
        pages, _ = written([patient(f"P{number:03d}") for number in range(81)])
        kept = [one for one in gc.get_objects() if isinstance(one, Figure)]
    finally:
        gc.enable()
    assert len(pages) == 3
    assert len(kept) <= 1  # the last, which the writer still held when it looked


def test_a_cohort_of_one(written):
    pages, table = written([patient("P1")])
    assert len(pages) == len(table) == 1


def test_the_schema_knows_every_flag_alone_and_beside_the_heaviest():
    pattern = load_schema("quality")["properties"]["flags"]["pattern"]
    heaviest, *others = FLAGS
    for name in others:
        assert re.search(pattern, name)
        assert re.search(pattern, f"{heaviest}; {name}")
    assert not re.search(pattern, "no such flag")
