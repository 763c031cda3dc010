import json

import numpy as np
import pandas as pd
import pytest

from taceflow.application.ranges import compare_with_training, limits
from taceflow.bundle.training_ranges import QUANTILES
from taceflow.files.tables import read_table, write_table

FEATURE = "original_firstorder_Mean"


def told(kind, name, label, levels=None, **quantiles):
    row = {"kind": kind, "name": name, "label": label, "n": 50}
    row |= dict.fromkeys(QUANTILES, np.nan) | quantiles
    listed = None if levels is None else json.dumps(levels)
    return row | {"levels": listed, "shares": listed and json.dumps([0.5] * len(levels))}


TRAINING = (
    told("feature", FEATURE, FEATURE, q25=10.0, q50=15.0, q75=20.0, q10=5.0, q90=60.0),
    told("clinical", "afp_ng_ml", "AFP (ng/mL)", q25=4.0, q50=8.0, q75=16.0),
    told("clinical", "sex", "Gender", levels=["female", "male"]),
    told("clinical", "mvi", "MVI", levels=["0"]),
    told("image", "slice_thickness_mm", "Slice thickness (mm)", q25=5.0, q50=5.0, q75=5.0),
    told("image", "volume_ml", "Volume of the tumour (mL)"),
    told("risk", "radscore", "Risk by Radscore", q25=0.0, q50=1.0, q75=2.0),
)


@pytest.fixture
def compared(tmp_path):
    """Compare patients with the training range, and return both tables by patient."""

    def compare(training=TRAINING, needed=("afp_ng_ml",), **columns):
        whole = {"afp_ng_ml": 8.0, "sex": "male", "mvi": 0, FEATURE: 15.0, "volume_ml": 20.0}
        whole |= {"slice_thickness_mm": 5.0} | columns
        count = max(len(values) for values in whole.values() if isinstance(values, list))
        ids = [f"P{number}" for number in range(1, count + 1)]
        frame = pd.DataFrame({"patient_id": ids} | whole)
        paths = {
            name: str(tmp_path / f"{name}.tsv")
            for name in ("patients", "features", "quality", "training", "ranges", "verdicts")
        }
        of_patients = frame.drop(columns=[FEATURE, "volume_ml", "slice_thickness_mm"])
        of_patients.to_csv(paths["patients"], sep="\t", index=False)
        frame[["patient_id", FEATURE]].to_csv(paths["features"], sep="\t", index=False)
        of_images = frame[["patient_id", "volume_ml", "slice_thickness_mm"]]
        of_images.to_csv(paths["quality"], sep="\t", index=False)
        columns = ["kind", "name", "label", "n", *QUANTILES, "levels", "shares", "note"]
        table = pd.DataFrame(list(training)).reindex(columns=columns)
        write_table(table, paths["training"], "training_ranges")
        (tmp_path / "radscore.json").write_text(json.dumps({"coefficients": {FEATURE: 1.0}}))
        compare_with_training(
            **paths,
            radscore_model=str(tmp_path / "radscore.json"),
            acquisition=None,
            needed=needed,
        )
        return (
            read_table(paths["ranges"], "patient_ranges").set_index(["patient_id", "name"]),
            read_table(paths["verdicts"], "verdicts").set_index("patient_id"),
        )

    return compare


def test_a_value_is_outside_beyond_fence_and_outermost_quantile(compared):
    # fences 2.2 widths of the middle half (10) beyond it, but for a tenth above 60
    signed = told("feature", FEATURE, FEATURE, q25=-5.0, q50=0.0, q75=5.0, q10=-9.0, q90=60.0)
    values = [15.0, -26.9, -27.1, 59.0, 61.0, 70.0]
    ranges, verdicts = compared([signed], **{FEATURE: values})
    of_feature = ranges.xs(FEATURE, level="name")
    assert of_feature["place"].tolist() == ["inside", "inside", "below", "inside", "above", "above"]
    assert of_feature["distance"].dropna().tolist() == pytest.approx([0.01, 0.1, 1.0])
    assert of_feature["training"].unique().tolist() == ["-9 to 60"]
    assert verdicts.index.tolist()[:3] == ["P6", "P5", "P3"]
    assert verdicts.loc["P6", "outside"] == "1 of 1 feature"
    assert verdicts.loc["P1", ["verdict", "compared"]].tolist() == ["inside", 1]


def test_the_upper_fence_of_what_is_positive_is_on_the_scale_of_logarithms(compared):
    # from the median to the upper quartile a factor of 2: 4.4 such factors further lies the fence
    fence = 16 * 2**4.4
    ranges, _ = compared(afp_ng_ml=[fence * 0.99, fence * 4, 0.0, -13.5, -14.5])
    of_afp = ranges.xs("afp_ng_ml", level="name")
    assert of_afp["place"].tolist() == ["inside", "above", "inside", "inside", "below"]
    # the middle half is a factor of 4 wide above, and 12 below
    assert of_afp["distance"].iloc[1] == pytest.approx(1.0)
    assert of_afp["distance"].iloc[4] == pytest.approx((14.5 - 13.6) / 12)


def test_patients_of_the_same_kind_are_hardly_ever_outside():
    generator = np.random.default_rng(3)
    for draw in (generator.normal, lambda size: np.exp(generator.normal(size=size))):
        quartiles = np.quantile(draw(size=100_000), [0.25, 0.5, 0.75])
        row = told("image", "x", "x", **dict(zip(("q25", "q50", "q75"), quartiles, strict=True)))
        lower, upper = limits(row)
        values = draw(size=100_000)
        assert ((values < lower) | (values > upper)).mean() < 0.001


def test_a_verdict_names_what_is_outside_with_its_unit(compared):
    _, verdicts = compared(slice_thickness_mm=[5.0, 10.0], afp_ng_ml=[9.0, 4000.0])
    assert verdicts.loc["P1", "verdict"] == "inside"
    assert verdicts.loc["P2", "outside"] == (
        "AFP 4000 ng/mL (training 4 to 16); slice thickness 10 mm (training 5)"
    )
    assert verdicts.loc["P2", "furthest"] > 0.5


def test_a_level_that_training_does_not_tell_is_unknown(compared):
    ranges, verdicts = compared(sex=["female", "divers"], mvi=[0, 1])
    assert ranges.loc[("P1", "mvi"), "place"] == "inside"
    assert ranges.loc[("P2", "sex"), "place"] == ranges.loc[("P2", "mvi"), "place"] == "unknown"
    assert verdicts.loc["P2", "outside"] == (
        "gender divers (training female, male); MVI 1 (training 0)"
    )


def test_missing_values_are_named_where_a_model_needs_them(compared):
    ranges, verdicts = compared(afp_ng_ml=[np.nan, 8.0], sex=[None, "male"])
    assert ranges.loc[("P1", "afp_ng_ml"), "place"] == "missing"
    assert ("P1", "sex") not in ranges.index
    assert verdicts.loc["P1", ["verdict", "missing"]].tolist() == ["inside", "afp_ng_ml"]


def test_without_a_told_range_there_is_no_verdict(compared):
    training = [told(row["kind"], row["name"], row["label"]) for row in TRAINING[:2]]
    ranges, verdicts = compared(training, **{FEATURE: [15.0, 1e9]})
    assert set(ranges["place"]) == {"untold"}
    assert set(verdicts["verdict"]) == {"unknown"}
    assert verdicts["compared"].tolist() == [0, 0]
