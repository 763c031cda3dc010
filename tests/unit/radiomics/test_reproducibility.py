"""What is kept, and which patients decide."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.radiomics.patient_table import write_patient_table
from taceflow.radiomics.reproducibility import (
    reproducibility,
    variation_problem,
    write_reproducibility,
)


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


def test_two_repeated_patients_are_too_few_and_it_is_said():
    ids, main, again = _readings(repeats=2)
    table = reproducibility({"reader1-1": main, "reader1-2": again}, ids, 0.8).set_index("feature")
    assert table["icc_intra"].isna().all()
    assert (table["n_intra"] == 2).all()
    assert table["kept"].to_dict() == {"good": 1, "poor": 1, "flat": 0}
    words = "only 2 training patients with a repeated reading: kept unchecked"
    assert table.loc["good", "reason"] == words


def test_a_gap_in_one_feature_costs_that_feature_one_patient():
    ids, main, again = _readings()
    gap = again.copy()
    gap.loc["P02", "good"] = np.nan
    found = reproducibility({"reader1-1": main, "reader1-2": gap}, ids, 0.8)
    less = reproducibility({"reader1-1": main, "reader1-2": again.drop("P02")}, ids, 0.8)
    whole = reproducibility({"reader1-1": main, "reader1-2": again}, ids, 0.8)
    columns = ["icc_intra", "icc_intra_lower", "icc_intra_upper"]
    assert found["n_intra"].tolist() == [7, 8, 8]
    np.testing.assert_allclose(
        found.loc[0, columns].astype(float), less.loc[0, columns].astype(float)
    )
    np.testing.assert_allclose(
        found.loc[1, columns].astype(float), whole.loc[1, columns].astype(float)
    )


def test_a_feature_that_the_repeats_hardly_hold_is_dropped():
    ids, main, again = _readings()
    again.loc[again.index[2:], "good"] = np.nan
    table = reproducibility(
        {"reader1-1": main, "reader1-2": again.drop(columns="poor")}, ids, 0.8
    ).set_index("feature")
    assert table["kept"].tolist() == [0, 0, 0]
    words = "ICC intra undefined: both values in only {} of the repeated patients"
    assert table.loc["good", "reason"] == words.format(2)
    assert table.loc["poor", "reason"] == words.format(0)


def test_a_feature_that_varies_only_in_the_other_patients_is_dropped():
    ids, main, again = _readings()
    main.iloc[:8, 0] = again.iloc[:, 0] = 0.1
    table = reproducibility({"reader1-1": main, "reader1-2": again}, ids, 0.8).set_index("feature")
    assert table.loc["good", "reason"].endswith("no variation among the repeated patients")


def _perturbed(main, patients, noise, count=5):
    draw = np.random.default_rng(4)
    rows = main.loc[np.repeat(patients, count)]
    return rows + noise * draw.normal(size=rows.shape) * [1, 0, 0]


def test_perturbations_decide_where_there_is_one_reader():
    ids, main, _ = _readings()
    for noise, kept in ((0.01, 1), (2.0, 0)):
        table = reproducibility({"reader1-1": main}, ids, 0.8, _perturbed(main, ids[:6], noise))
        row = table.set_index("feature").loc["good"]
        assert (row["kept"], row["n_perturbation"]) == (kept, 6)
        assert row["icc_perturbation_lower"] < row["icc_perturbation"] < 1
        assert row["reason"].startswith("ICC perturbation")


def test_perturbations_are_one_more_hurdle_beside_readers():
    ids, main, again = _readings()
    readings = {"reader1-1": main, "reader1-2": again}
    table = reproducibility(readings, ids, 0.8, _perturbed(main, ids, 2.0)).set_index("feature")
    assert table.loc["good", "icc_intra"] > 0.8
    assert table.loc["good", "kept"] == 0
    assert "ICC perturbation" in table.loc["good", "reason"]


def test_perturbed_validation_patients_do_not_count():
    ids, main, _ = _readings()
    perturbed = _perturbed(main, ids, 0.1)
    before = reproducibility({"reader1-1": main}, ids[:6], 0.8, perturbed)
    perturbed.iloc[6 * 5 :] = 1e3
    after = reproducibility({"reader1-1": main}, ids[:6], 0.8, perturbed)
    pd.testing.assert_frame_equal(before, after)
    assert (before["n_perturbation"] == 6).all()


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
    assert table.loc["good", "reason"] == "not finite in 1 training patient"


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
        perturbed=[],
        threshold=0.8,
        icc=str(tmp_path / "icc.tsv"),
    )
    written = pd.read_csv(tmp_path / "icc.tsv", sep="\t")
    assert written["feature"].tolist() == ["good", "poor", "flat"]
    assert written.loc[written["kept"] == 1, "feature"].tolist() == ["good"]


def test_tables_of_perturbed_masks_are_read_also_those_of_vanished_tumours(tmp_path):
    ids, main, _ = _readings()
    main = main.rename(columns=lambda name: f"original_firstorder_{name}")
    main.reset_index(names="patient_id").to_parquet(tmp_path / "reader1-1.parquet")
    cohort = pd.DataFrame({"patient_id": ids, "cohort": ["training"] * 8 + ["validation"] * 4})
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    perturbed = []
    for patient in ids:
        rows = _perturbed(main, [patient], 0.01).reset_index(drop=True)
        rows.insert(0, "patient_id", patient)
        facts = ["redrawn", "volume_fraction", *(f"translation_{axis}_mm" for axis in "xyz")]
        rows = rows.assign(perturbation=range(1, 6), **dict.fromkeys(facts, 0))
        perturbed.append(str(tmp_path / f"{patient}.tsv.gz"))
        # What perturb_patient leaves of a vanished tumour: no row
        kept = [] if patient == "P01" else rows.to_dict("records")
        write_patient_table(kept, perturbed[-1], list(rows))
    call = {
        "patients": str(tmp_path / "patients.tsv"),
        "tables": [str(tmp_path / "reader1-1.parquet")],
        "threshold": 0.8,
        "icc": str(tmp_path / "icc.tsv"),
    }
    write_reproducibility(**call, perturbed=perturbed)
    written = pd.read_csv(tmp_path / "icc.tsv", sep="\t")
    assert (written["n_perturbation"] == 7).all()
    assert written["kept"].tolist() == [1, 1, 0]
    write_reproducibility(**call, perturbed=[str(tmp_path / "P01.tsv.gz")])
    written = pd.read_csv(tmp_path / "icc.tsv", sep="\t")
    assert (written["n_perturbation"] == 0).all()
    assert written["reason"][0] == "no repeated reading: kept unchecked"
