"""A network among the models: its own curves, and a cut-off of its training patients."""

import hashlib
import json

import numpy as np
import pytest

from taceflow.cohort.training import training_patients
from taceflow.survival.models.networks import apply_network, network_model


@pytest.fixture
def stored(run, cohort):
    model = network_model(
        "dlopctr",
        predictions=run.path("dlopctr.tsv"),
        weights=run.path("dlopctr.safetensors"),
        breaks=run.path("breaks.json"),
        training=training_patients(cohort),
        cut_off="median",
        horizons_months=[12, 36, 600],
    )
    return json.loads(json.dumps(model))


def test_the_entry_of_a_network(stored, run, cohort):
    assert stored["weights"] == {
        "file": "dlopctr/dlopctr.safetensors",
        "sha256": hashlib.sha256(b"dlopctr").hexdigest(),
    }
    assert "nothing at 600 months, beyond its last break (60.0)" in stored["note"]
    own = run.read("dlopctr.tsv").set_index("patient_id")["dlopctr"]
    training = training_patients(cohort)
    risk = 1 - own.loc[training["patient_id"]]
    assert (risk > stored["cut_off"]).sum() == len(risk) // 2
    assert stored["cut_off"] == pytest.approx(np.median(risk), abs=0.02)
    assert (stored["n"], stored["events"]) == (len(training), training["event"].sum())


def test_its_survival_is_its_own_between_the_breaks(stored, run):
    rows = apply_network("dlopctr", stored, run.path("dlopctr.tsv"), [9, 600])
    own = run.read("dlopctr.tsv").set_index("patient_id").loc[rows["patient_id"]]
    np.testing.assert_allclose(rows["risk"], 1 - own["dlopctr"])
    half = (own["survival_at_6.00_months"] + own["survival_at_12.00_months"]) / 2
    np.testing.assert_allclose(rows["survival_9_months"], half)
    assert rows["survival_600_months"].isna().all()
    assert (rows["risk_group"] == "high").tolist() == (rows["risk"] > stored["cut_off"]).tolist()
