"""A fitted study applied to new patients, from their DICOM: its predictions, and nothing fitted."""

import json

import numpy as np
import pytest

from taceflow.files.tables import read_table

pytestmark = pytest.mark.timeout(1800)

PATIENTS = 11
"""The eleventh is the first of the validation cohort."""
HORIZONS = (12, 36, 60)
LEFT = (
    "results/applied/application/index.html",
    "results/applied/application/patients/HCC-001.pdf",
)
FITS = {
    *("radscore_folds", "radscore_fit", "feature_reproducibility", "selection_frequency"),
    *("time_intervals", "dlopctr_splits", "pre_experiment", "train_head", "predict_dlopctr"),
    *("train_combin", "clinical_variables", "survival_models", "optimism", "table_s1"),
    *("training_ranges", "model_card", "model_bundle", "dlopctr_backbone", "perturb_patient"),
}


@pytest.fixture(scope="module")
def applied(tiny):
    """Apply the tiny study to eleven of its patients, as another hospital would bring them."""
    content = {
        "run": "applied",
        "model": "results/tiny/model/bundle.zip",
        "synthetic": {"patients": PATIENTS, "second_readings": 0},
        "survival": {"bootstraps": 20},
        "dlopctr": {"patients_per_job": 6},
    }
    (tiny.folder / "applied.yaml").write_text(json.dumps(content))
    other = type(tiny)(tiny.folder, ("--configfile", "applied.yaml"), "applied")
    planned = other.snakemake("-n").planned
    assert {"open_model", "apply_dlopctr", "apply_dlop_combin", "predictions"} <= set(planned)
    assert not FITS & set(planned)
    # figures and the report of a validation are made from a ready table, in a third of the time
    other.snakemake(*LEFT)
    return other


def test_the_predictions_are_those_of_the_run(applied, tiny):
    expected = read_table(tiny.results / "survival" / "predictions.tsv")
    found = read_table(applied.results / "survival" / "predictions.tsv", "survival_predictions")
    assert set(found["cohort"]) == {"external"}
    assert set(found["model"]) == set(expected["model"])
    both = expected.merge(found, on=["patient_id", "model"], suffixes=("", "_found"))
    is_network = both["model"].isin(["dlopctr", "dlop_combin", "dlop_cox"])
    # the run predicts training patients by networks out of fold
    both = both[~is_network | (both["cohort"] == "validation")]
    is_network = both["model"].isin(["dlopctr", "dlop_combin", "dlop_cox"])
    assert both["patient_id"].nunique() >= 8
    assert is_network.sum() >= 3
    assert both["risk_group"].equals(both["risk_group_found"])
    for name in ("risk", *(f"survival_{months}_months" for months in HORIZONS)):
        ours, theirs = both[f"{name}_found"], both[name]
        assert ours[~is_network].equals(theirs[~is_network])
        # the score of a network depends on who else is in the matrix product, in its last digit
        np.testing.assert_allclose(ours[is_network], theirs[is_network], rtol=1e-12, atol=1e-14)


def test_cox_models_say_how_sure_a_survival_is_and_networks_do_not(applied):
    table = read_table(applied.results / "survival" / "predictions.tsv")
    lower, upper = (table[f"survival_12_months_{end}"] for end in ("lower", "upper"))
    is_network = table["model"].isin(["dlopctr", "dlop_combin"])
    assert lower[is_network].isna().all()
    assert lower[~is_network].notna().mean() > 0.5
    known = lower.notna()
    survival = table["survival_12_months"]
    assert (lower[known] < survival[known]).all()
    assert (survival[known] < upper[known]).all()


def test_every_patient_has_a_verdict_and_every_model_says_whom_it_predicts(applied):
    patients = set(read_table(applied.results / "cohort" / "patients.tsv")["patient_id"])
    verdicts = read_table(applied.results / "application" / "verdicts.tsv", "verdicts")
    assert set(verdicts["patient_id"]) == patients
    models = read_table(applied.results / "application" / "models.tsv", "applied_models")
    predictions = read_table(applied.results / "survival" / "predictions.tsv")
    counts = predictions.groupby("model").size()
    assert models.set_index("model")["patients"].to_dict() == counts.to_dict()
    bundle = json.loads((applied.results / "model" / "opened" / "models.json").read_text())
    assert set(models["model"]) == set(bundle)


def test_a_patient_has_a_page_with_picture_and_predictions(applied):
    html = (applied.results / "application" / "patients" / "HCC-001.html").read_text()
    assert "DLOP-Combin" in html
    assert "data:image/jpeg;base64," in html
    index = (applied.results / "application" / "index.html").read_text()
    assert 'href="patients/HCC-001.html"' in index
    # the same code as that of the fit
    assert "not those that it was fitted with" not in index


def test_a_second_run_does_nothing(applied):
    assert applied.snakemake("-n", *LEFT).planned == {}


def test_a_bundle_with_a_changed_byte_is_refused_before_any_job(applied, tiny):
    changed = tiny.folder / "changed.zip"
    content = bytearray((tiny.results / "model" / "bundle.zip").read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    result = applied.snakemake("-n", "--config", "model=changed.zip", status=1)
    assert "a byte has changed, or it is cut [changed.zip]" in " ".join(result.output.split())
    assert "Traceback" not in result.output
