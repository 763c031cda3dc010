"""ICC(2,1) against R's psych (Shrout & Fleiss' table), and what is kept."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.features.reproducibility import (
    icc_agreement,
    reproducibility,
    variation_problem,
    write_reproducibility,
)

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)
"""Six targets by four judges: Shrout & Fleiss 1979, table 2."""


def test_icc_equals_psych(shared_data):
    table = pd.read_csv(shared_data / "stat/icc/shrout_fleiss.csv", skipinitialspace=True)
    expected = table.set_index("type").loc["ICC2", ["icc", "lo95", "hi95"]].to_numpy(float)
    found = [value[0] for value in icc_agreement(SHROUT_FLEISS[:, :, None])]
    assert found == pytest.approx(expected, abs=1e-12)


def test_icc_as_printed_by_shrout_and_fleiss():
    icc, lower, upper = (value[0] for value in icc_agreement(SHROUT_FLEISS[:, :, None]))
    assert (round(icc, 2), round(lower, 2), round(upper, 2)) == (0.29, 0.02, 0.76)


def test_icc_is_blind_to_shift_and_scale_and_counts_a_bias_between_readers():
    first = np.random.default_rng(1).normal(size=(20, 1))
    noise = np.random.default_rng(2).normal(size=(20, 1)) * 0.1
    pairs = np.stack([first, first + noise], axis=1)
    biased = np.stack([first, first + noise + 3], axis=1)
    values = np.concatenate([pairs, 1e9 + 1e3 * pairs, biased], axis=2)
    icc, _, _ = icc_agreement(values)
    assert icc[0] == pytest.approx(icc[1], rel=1e-6)
    assert icc[0] > 0.95 > 0.5 > icc[2]


def test_icc_of_identical_readings_is_one_and_of_a_constant_nothing():
    value = np.arange(5.0)
    identical = np.stack([value, value], axis=1)[:, :, None]
    assert [float(part[0]) for part in icc_agreement(identical)] == [1.0, 1.0, 1.0]
    assert np.isnan(icc_agreement(np.ones((5, 2, 1)))[0][0])


def test_icc_needs_two_patients():
    with pytest.raises(ValueError, match="two patients"):
        icc_agreement(np.ones((1, 2, 1)))


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (np.ones(30), "constant"),
        (1e6 + np.arange(30) * 1e-9, "constant"),
        (np.r_[np.zeros(40), 1.0], "near-zero variance"),
        (np.r_[np.zeros(30), np.arange(1, 11)], ""),
        (np.arange(30.0), ""),
    ],
)
def test_variation_follows_caret(values, problem):
    assert variation_problem(values) == problem


def _readings(n=12, repeats=8):
    draw = np.random.default_rng(3)
    ids = [f"P{k:02d}" for k in range(n)]
    good, poor = draw.normal(size=n), draw.normal(size=n)
    main = pd.DataFrame({"good": good, "poor": poor, "flat": 1.0}, index=ids)
    again = pd.DataFrame(
        {"good": good + 0.01 * draw.normal(size=n), "poor": draw.normal(size=n), "flat": 1.0},
        index=ids,
    ).iloc[:repeats]
    return ids, main, again


def test_reproducible_features_are_kept():
    ids, main, again = _readings()
    readings = {"reader1-1": main, "reader1-2": again, "reader2-1": again}
    table = reproducibility(readings, ids, 0.8).set_index("feature")
    assert table["kept"].to_dict() == {"good": 1, "poor": 0, "flat": 0}
    assert table.loc["flat", "reason"] == "constant"
    assert "ICC intra" in table.loc["poor", "reason"]
    assert (table["n_intra"] == 8).all()


def test_a_missing_kind_of_repeat_leaves_the_other_to_decide():
    ids, main, again = _readings()
    table = reproducibility({"reader1-1": main, "reader2-1": again}, ids, 0.8).set_index("feature")
    assert table["icc_intra"].isna().all()
    assert table["kept"].to_dict() == {"good": 1, "poor": 0, "flat": 0}


def test_without_any_repeat_all_that_vary_are_kept_and_it_is_said():
    ids, main, _ = _readings()
    table = reproducibility({"reader1-1": main}, ids, 0.8).set_index("feature")
    assert table["kept"].to_dict() == {"good": 1, "poor": 1, "flat": 0}
    assert "unchecked" in table.loc["good", "reason"]


def test_only_training_patients_count():
    ids, main, again = _readings()
    before = reproducibility({"reader1-1": main, "reader1-2": again}, ids[:6], 0.8)
    main, again = main.copy(), again.copy()
    main.iloc[6:], again.iloc[6:] = 99.0, -5.0
    after = reproducibility({"reader1-1": main, "reader1-2": again}, ids[:6], 0.8)
    pd.testing.assert_frame_equal(before, after)
    assert (before["n_intra"] == 6).all()


def test_a_feature_that_is_not_finite_is_dropped():
    ids, main, _ = _readings()
    main.loc["P03", "good"] = np.inf
    table = reproducibility({"reader1-1": main}, ids, 0.8).set_index("feature")
    assert table.loc["good", "reason"] == "not finite in 1 training patients"


def test_a_training_patient_without_features_is_named():
    ids, main, _ = _readings()
    with pytest.raises(InputError, match="P00"):
        reproducibility({"reader1-1": main.drop("P00")}, ids, 0.8)


def test_the_written_table(tmp_path):
    ids, main, again = _readings()
    paths = []
    for name, frame in (("reader1-1", main), ("reader1-2", again)):
        path = tmp_path / f"{name}.parquet"
        frame.assign(diagnostics_x=0.0).reset_index(names="patient_id").to_parquet(path)
        paths.append(str(path))
    cohort = pd.DataFrame({"patient_id": ids, "cohort": "training"})
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    write_reproducibility(
        patients=str(tmp_path / "patients.tsv"),
        tables=paths,
        threshold=0.8,
        icc=str(tmp_path / "icc.tsv"),
    )
    written = pd.read_csv(tmp_path / "icc.tsv", sep="\t")
    assert written["feature"].tolist() == ["good", "poor", "flat"]
    assert written.loc[written["kept"] == 1, "feature"].tolist() == ["good"]
