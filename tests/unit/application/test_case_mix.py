"""How new patients differ from training patients of whom quantiles alone are known."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from taceflow.application.case_mix import membership, share_below, write_case_mix
from taceflow.bundle.training_ranges import QUANTILES, quantile
from taceflow.files.tables import read_table, write_table
from taceflow.survival.evaluation.delong import roc_area

DATA = Path(__file__).parents[1] / "survival" / "data"
R = json.loads((DATA / "recalibration.json").read_text())
RANGES = ["kind", "name", "label", "n", *QUANTILES, "levels", "shares", "note"]


def told_of(values):
    """What a bundle tells of training patients."""
    return {name: quantile(np.asarray(values, dtype=float), share)
            for name, share in QUANTILES.items()}  # fmt: skip


def test_the_c_is_nearly_that_of_the_training_patients_themselves():
    """By R's pROC, of ages of 110 new and 130 training patients."""
    table = pd.read_csv(DATA / "r_cases.csv")
    training, new = (
        table.loc[table["case"] == name, "age"].to_numpy(float) for name in ("plain", "months")
    )
    found = membership(new, told_of(training), len(training))
    lower, estimate, upper = R["membership"]
    assert found.estimate == pytest.approx(estimate, abs=0.01)
    assert [found.lower, found.upper] == pytest.approx([lower, upper], abs=0.01)


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (0.7, 1.0), (-1.5, 1.0), (0.0, 2.0)])
def test_the_c_of_normal_values_is_known(shift, scale):
    draw = np.random.default_rng(4)
    training, new = draw.normal(size=2000), shift + scale * draw.normal(size=2000)
    found = membership(new, told_of(training), 2000)
    expected = roc_area(np.repeat([0, 1], 2000), np.append(training, new))
    assert found.estimate == pytest.approx(expected.estimate, abs=0.012)
    assert [found.lower, found.upper] == pytest.approx(expected.interval, abs=0.014)


def test_its_interval_holds_the_truth_as_often_as_it_says():
    draw = np.random.default_rng(8)
    held = 0
    for _ in range(300):
        training, new = draw.normal(size=60), draw.normal(size=40)
        found = membership(new, told_of(training), 60)
        held += found.lower <= 0.5 <= found.upper
    assert 0.91 < held / 300 < 0.98


def test_few_training_patients_make_it_less_sure():
    told, new = told_of(np.arange(40.0)), np.arange(5.0, 45.0, 4)
    found = [membership(new, told, n_training) for n_training in (20, 40, 10**6)]
    widths = np.array([one.upper - one.lower for one in found])
    assert widths[0] > widths[1] > widths[2]
    of_training = widths[:2] ** 2 - widths[2] ** 2
    assert of_training[0] == pytest.approx(2 * of_training[1], rel=1e-3)


@pytest.mark.parametrize("levels", [[5.0], [1.0, 5.0], [1.0, 2.5, 5.0]])
def test_values_that_many_share_count_half(levels):
    """As slice thickness has them: the C is that of the patients."""
    draw = np.random.default_rng(2)
    training, new = draw.choice(levels, 400), draw.choice(levels, 300)
    pairs = (new[:, None] > training).mean() + 0.5 * (new[:, None] == training).mean()
    found = membership(new, told_of(training), 400)
    assert found.estimate == pytest.approx(pairs, abs=0.09)
    if len(levels) == 1:
        assert found.estimate == 0.5


def test_beyond_what_is_told_the_share_is_in_the_middle_of_the_rest():
    told = {"q10": 1.0, "q90": 2.0}
    found = share_below(np.array([0.0, 1.0, 1.5, 2.0, 9.0]), told)
    np.testing.assert_allclose(found, [0.05, 0.1, 0.5, 0.9, 0.95])


def test_few_values_have_no_interval_and_none_no_c():
    told = told_of(np.arange(40.0))
    few = membership(np.array([3.0, 50.0, 60.0]), told, 40)
    assert few.note == "no interval: 3 patients with a value, fewer than 5"
    assert few.estimate > 0.5
    assert np.isnan(few.lower)
    assert membership(np.array([]), told, 40).note == "no C: no value"
    nothing = dict.fromkeys(QUANTILES, np.nan)
    assert membership(np.arange(9.0), nothing, 9).note == "no C: the bundle tells no quantile"


@pytest.fixture
def applied(tmp_path):
    """Training ranges, and a new cohort of twelve patients beside them."""
    draw = np.random.default_rng(6)
    age, risk = draw.normal(60, 8, 80).round(), draw.normal(0, 0.8, 80)
    rows = [
        {"kind": "clinical", "name": "age", "label": "Age", "n": 80, **told_of(age)},
        {"kind": "image", "name": "slice_thickness_mm", "label": "Slice", "n": 80,
         **told_of(np.full(80, 5.0))},
        {"kind": "image", "name": "manufacturer", "label": "Maker", "n": 80,
         "levels": '["GE"]', "shares": "[0.9]"},
        {"kind": "feature", "name": "few", "label": "few", "n": 6},
        {"kind": "risk", "name": "radscore", "label": "Risk by Radscore", "n": 80,
         **told_of(risk)},
    ]  # fmt: skip
    ranges = pd.DataFrame(rows, columns=RANGES)
    write_table(ranges, tmp_path / "ranges.tsv", "training_ranges")
    ids = [f"{number:03d}" for number in range(12)]
    new_risk = 0.5 + 0.4 * draw.normal(size=12)
    new_risk[3] = 9.0
    ages = ["70"] * 6 + ["90"] * 4 + ["", "20"]
    values = {
        ("clinical", "age"): (ages, ["inside"] * 6 + ["above"] * 4 + ["missing", "below"]),
        ("image", "slice_thickness_mm"): (["10"] * 12, ["above"] * 12),
        ("image", "manufacturer"): (["GE"] * 9 + ["Canon"] * 3, ["inside"] * 9 + ["unknown"] * 3),
        ("feature", "few"): (["1.5"] * 12, ["untold"] * 12),
    }
    frames = []
    for (kind, name), (value, at) in values.items():
        frame = pd.DataFrame({"patient_id": ids, "kind": kind, "name": name, "label": name})
        frames.append(frame.assign(value=value, training=None, place=at, distance=np.nan))
    places = pd.concat(frames).replace({"value": {"": None}})
    write_table(places, tmp_path / "places.tsv", "patient_ranges")
    pd.DataFrame({"patient_id": ids}).to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    predictions = pd.DataFrame({"patient_id": ids, "cohort": "external", "model": "radscore"})
    predictions = predictions.assign(risk=new_risk, risk_group="low")
    write_table(predictions, tmp_path / "predictions.tsv", "survival_predictions")

    def table():
        names = ("patients", "places", "predictions", "case_mix")
        write_case_mix(
            training_ranges=str(tmp_path / "ranges.tsv"),
            **{name: str(tmp_path / f"{name}.tsv") for name in names},
        )
        return read_table(tmp_path / "case_mix.tsv", "case_mix").set_index("name")

    return table, new_risk, tmp_path


def test_a_row_a_quantity(applied):
    table, risk, _ = applied
    found = table()
    assert found.index.tolist() == ["age", "slice_thickness_mm", "manufacturer", "few", "radscore"]
    age = found.loc["age"]
    assert age[["n", "missing", "outside"]].tolist() == [11, 1, 5]
    assert age["outside_share"] == pytest.approx(5 / 11)
    assert age["mean"] == pytest.approx((6 * 70 + 4 * 90 + 20) / 11)
    assert age["shift"] > 1
    assert 0.6 < age["lower"] < age["c"] < age["upper"]
    own = found.loc["radscore"]
    assert own["mean"] == pytest.approx(risk.mean(), rel=1e-12)
    assert own["sd"] == pytest.approx(risk.std(ddof=1), rel=1e-12)
    assert own["training_sd"] == pytest.approx(0.8, abs=0.2)
    assert own["training_mean"] == pytest.approx(0, abs=0.2)
    assert own["shift"] == pytest.approx((np.median(risk) - 0) / 0.8, abs=0.25)
    assert own["spread_ratio"] == pytest.approx(0.5, abs=0.2)
    assert (own["outside"], own["outside_share"]) == (1, pytest.approx(1 / 12))


def test_what_cannot_be_had_is_explained(applied):
    found = applied[0]()
    thickness, maker, few = (
        found.loc[name] for name in ("slice_thickness_mm", "manufacturer", "few")
    )
    assert (thickness["training_sd"], thickness["sd"]) == (0, 0)
    assert np.isnan(thickness["shift"])
    assert thickness["note"] == "no interval: no spread; the training middle half is one value"
    assert np.isnan(thickness["lower"])
    assert thickness["c"] > 0.95
    assert maker["note"] == "levels: neither C nor spread"
    assert maker["outside_share"] == 0.25
    assert few["note"] == "no C: the bundle tells no quantile; the training middle half is not told"
    assert np.isnan(few["c"])


@pytest.mark.parametrize("patients", [0, 1])
def test_a_cohort_of_nobody_and_of_one(applied, patients):
    table, _, folder = applied
    for name in ("places", "predictions", "patients"):
        rows = pd.read_csv(folder / f"{name}.tsv", sep="\t", dtype=str, keep_default_na=False)
        rows = rows[rows["patient_id"].isin(["000"][:patients])]
        rows.to_csv(folder / f"{name}.tsv", sep="\t", index=False)
    found = table()
    assert (found["n"] == patients).all()
    assert (found["missing"] == 0).all()
    assert found["note"].notna().all()
    assert found["lower"].isna().all()
    assert np.isfinite(found.loc["radscore", ["c", "mean"]].to_numpy(float)).all() == bool(patients)


def test_a_value_that_no_model_needs_is_missing_though_it_has_no_row(applied):
    table, _, folder = applied
    rows = pd.read_csv(folder / "places.tsv", sep="\t", dtype=str, keep_default_na=False)
    rows[rows["place"] != "missing"].to_csv(folder / "places.tsv", sep="\t", index=False)
    assert table().loc["age", ["n", "missing", "outside"]].tolist() == [11, 1, 5]


def test_a_namesake_of_another_kind_is_another_quantity(applied):
    table, _, folder = applied
    before = table()
    rows = pd.read_csv(folder / "places.tsv", sep="\t", dtype=str, keep_default_na=False)
    namesake = rows[rows["name"] == "age"].assign(kind="feature", value="1000", place="above")
    rows = pd.concat([rows, namesake])
    rows.to_csv(folder / "places.tsv", sep="\t", index=False)
    pd.testing.assert_frame_equal(table(), before)


def test_where_no_quartiles_are_told_nothing_is_outside_or_inside(applied):
    table, _, folder = applied
    ranges = read_table(folder / "ranges.tsv", "training_ranges")
    ranges.loc[ranges["name"] == "radscore", list(QUANTILES)] = np.nan
    write_table(ranges, folder / "ranges.tsv", "training_ranges")
    found = table()
    for name in ("few", "radscore"):
        assert found.loc[name, ["outside", "outside_share"]].isna().all()
        assert found.loc[name, "note"].endswith("the training middle half is not told")
