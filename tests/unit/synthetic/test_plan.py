"""The plan of the synthetic cohort: stable, complete, and with the planted hazards in it."""

import time

import pandas as pd

from taceflow.files.schemas import validate_table
from taceflow.files.tables import read_table
from taceflow.synthetic.latent import image_settings
from taceflow.synthetic.plan import plan_cohort, write_tables


def test_same_seed_same_cohort(synthetic_settings):
    one, two = plan_cohort(synthetic_settings), plan_cohort(synthetic_settings)
    for name in ("patients", "scans", "segmentations", "latents"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    other = plan_cohort(synthetic_settings | {"seed": 12})
    assert not one.latents["texture_z"].equals(other.latents["texture_z"])


def test_a_patient_does_not_depend_on_the_number_of_patients(synthetic_settings):
    few, many = plan_cohort(synthetic_settings | {"patients": 20}), plan_cohort(synthetic_settings)
    for name in ("patients", "scans", "segmentations", "latents"):
        short, long = getattr(few, name), getattr(many, name)
        shared = long[long["patient_id"].isin(few.patients["patient_id"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(short, shared, check_dtype=False)


def test_the_null_cohort_differs_in_follow_up_only(synthetic_settings, null_settings):
    planted, null = plan_cohort(synthetic_settings), plan_cohort(null_settings)
    follow_up = ["time_months", "event"]
    pd.testing.assert_frame_equal(
        planted.patients.drop(columns=follow_up), null.patients.drop(columns=follow_up)
    )
    assert not planted.patients["time_months"].equals(null.patients["time_months"])
    pd.testing.assert_frame_equal(planted.scans, null.scans)
    pd.testing.assert_frame_equal(planted.segmentations, null.segmentations)
    assert image_settings(synthetic_settings) == image_settings(null_settings)


def test_planned_while_the_snakefile_is_parsed_so_fast(synthetic_settings):
    plan_cohort(synthetic_settings)
    start = time.process_time()
    plan_cohort(synthetic_settings)
    assert time.process_time() - start < 0.2


def test_tables_fit_their_schemas(synthetic_settings):
    plan = plan_cohort(synthetic_settings, root="results/any/synthetic")
    for name in ("patients", "scans", "segmentations"):
        validate_table(getattr(plan, name), name, source=name)
    assert plan.scans["image"].str.startswith("results/any/synthetic/images/HCC-").all()
    assert list(plan.scans["phase"].unique()) == ["arterial"]
    assert plan.scans["patient_id"].is_unique


def test_the_procedure_follows_appendix_e2(synthetic_settings):
    table = plan_cohort(synthetic_settings | {"patients": 300}).patients
    assert table["raltitrexed_mg_m2"].between(2.5, 3).all()
    assert table["lipiodol_ml"].between(2, 20).all()
    ratio = (table["lipiodol_ml"] / table["tumor_size_cm"])[table["lipiodol_ml"].between(2.1, 19.9)]
    assert ratio.between(1.95, 3.05).all()
    assert set(table["embolic_agent"]) == {"gelatin_sponge", "pva_particles"}
    assert table["tace_sessions"].between(1, 6).all()


def test_tables_read_back(synthetic_settings, tmp_path):
    paths = {name: tmp_path / f"{name}.tsv" for name in ("patients", "scans", "segmentations")}
    write_tables(synthetic_settings, "root", **{k: str(v) for k, v in paths.items()})
    plan = plan_cohort(synthetic_settings, "root")
    for name, path in paths.items():
        table = read_table(path, name)
        wanted = getattr(plan, name)
        assert table.columns.tolist() == wanted.columns.tolist()
        assert len(table) == len(wanted)
        assert table["patient_id"].tolist() == wanted["patient_id"].tolist()
    read = read_table(paths["patients"])
    pd.testing.assert_series_equal(read["time_months"], plan.patients["time_months"])
    assert read["event"].isna().sum() == 1
