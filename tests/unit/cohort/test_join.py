"""One join of tables, which names a patient whom one of them lacks."""

import pandas as pd
import pytest

from taceflow.cohort.join import join_by_patient
from taceflow.dlopctr.attention.explain import choose_patients
from taceflow.dlopctr.protocol.splits import load_splits
from taceflow.errors import DamagedFileError
from taceflow.figures.nomogram import write_nomogram
from taceflow.figures.selected_heat_map import selected_heat_map
from taceflow.files.tables import read_table, write_json
from taceflow.radscore.training_data import load_training
from taceflow.report.doubts import doubts
from taceflow.survival.evaluation.outcomes import load_outcomes
from taceflow.survival.models.cox_by_seed import refit
from taceflow.survival.models.joined_scores import cohort_with_scores
from taceflow.survival.models.predictions_by_seed import predicted_with_seeds
from taceflow.survival.tables.table_s1 import training_and_variables

IDS = ["02", "P1", "P3", "P4"]


def test_a_join_keeps_rows_and_takes_the_other_tables_column():
    rows = pd.DataFrame({"patient_id": ["B", "A", "B"], "score": "own"}, index=[4, 2, 9])
    other = pd.DataFrame({"patient_id": ["C", "A", "B"], "score": [3, 1, 2], "n": [0, 0, 1]})
    joined = join_by_patient(rows, other, ["score"], file="other.tsv")
    assert joined["score"].to_dict() == {4: 2, 2: 1, 9: 2}
    assert list(join_by_patient(rows, other, file="other.tsv")) == ["patient_id", "score", "n"]
    assert rows["score"].tolist() == ["own"] * 3


def test_a_patient_who_stands_twice_is_named():
    rows = pd.DataFrame({"patient_id": ["A", "B"]})
    twice = pd.DataFrame({"patient_id": ["A", "C", "B", "C", "B"], "x": range(5)})
    with pytest.raises(DamagedFileError, match=r"patient B: .*several rows.*\[twice.tsv\]"):
        join_by_patient(rows, twice, ["x"], file="twice.tsv")


@pytest.fixture
def at(tmp_path):
    """Return paths of the tables of four training patients, of which all but two lack P3."""
    cohort = pd.DataFrame({"patient_id": IDS, "cohort": "training", "event": [1, 0, 1, 1]})
    cohort["time_months"] = [10.0, 20.0, 30.0, 40.0]
    lacking = cohort[["patient_id", "cohort"]].drop(index=2)
    network = lacking.assign(dlopctr=0.5)
    model = {"model": "dlopctr", "risk": 0.1, "risk_group": "low", "survival_12_months": 0.8}
    tables = {
        "patients": cohort,
        "fewer_patients": cohort.drop(index=2),
        "scores": lacking.assign(radscore=1.0, risk_group="low"),
        "dlopctr": network.assign(out_of_fold=1),
        "everybody": cohort[["patient_id", "cohort"]].assign(dlopctr=0.5, out_of_fold=1),
        "by_seed": network.assign(seed=1),
        "predictions": cohort[["patient_id", "cohort"]].assign(**model),
        "fewer_predictions": lacking.assign(**model),
        "folds": lacking[["patient_id"]].assign(fold=[1, 2, 1]),
        "splits": lacking[["patient_id"]].assign(fold=[1, 2, 1], tuning=[0, 1, 0]),
        "icc": pd.DataFrame({"feature": ["a"], "kept": [1]}),
    }
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False)
    write_json({"dlop_cox": {"n": 4, "events": 3, "terms": []}}, tmp_path / "models.json")
    return lambda name: str(tmp_path / (name if "." in name else f"{name}.tsv"))


def draw_nomogram(at):
    write_nomogram(
        models=at("models.json"),
        model="dlop_cox",
        patients=at("patients"),
        dlopctr=at("dlopctr"),
        variables=[],
        horizons_months=[12.0],
        outputs=[],
    )


def network_with_seeds(at, predictions):
    files = {"predictions": at(predictions), "by_seed": at("by_seed")}
    predicted_with_seeds("dlopctr", {"breaks_months": [0.0]}, IDS, **files)


def report(at):
    frames = {"patients": "fewer_patients", "predictions": "predictions", "scores": "scores"}
    frames = {name: read_table(at(file)) for name, file in frames.items()}
    none = pd.DataFrame(columns=["metric", "upper"])
    list(doubts(frames | {"performance": none}, {}))


USERS = {
    "scores": {
        "models": lambda at: cohort_with_scores(at("patients"), at("scores"), None),
        "Figure S2 D": lambda at: selected_heat_map(
            pd.DataFrame(), read_table(at("patients")), read_table(at("scores")), {"a": 1.0}
        ),
    },
    "dlopctr": {
        "Table S1": lambda at: training_and_variables(at("patients"), at("dlopctr"), []),
        "nomogram": draw_nomogram,
        "network": lambda at: network_with_seeds(at, "dlopctr"),
    },
    "by_seed": {
        "seeds of DLOP-Cox": lambda at: refit(
            {"variables": ["dlopctr"], "terms": []}, read_table(at("patients")), at("by_seed")
        ),
        "seeds of a network": lambda at: network_with_seeds(at, "everybody"),
    },
    "patients": {
        "evaluation": lambda at: load_outcomes(at("fewer_patients"), at("predictions")),
        "report": report,
    },
    "predictions": {
        "attention": lambda at: choose_patients(
            read_table(at("patients")).assign(dlopctr=0.5), read_table(at("fewer_predictions"))
        ),
    },
    "folds": {
        "LASSO": lambda at: load_training(at("patients"), at("patients"), at("icc"), at("folds")),
    },
    "splits": {"network": lambda at: load_splits(at("patients"), at("splits"))},
}


@pytest.mark.parametrize(
    ("file", "call"),
    [
        pytest.param(file, call, id=user)
        for file, users in USERS.items()
        for user, call in users.items()
    ],
)
def test_each_user_names_the_patient_the_file_and_what_helps(at, file, call):
    with pytest.raises(DamagedFileError) as raised:
        call(at)
    assert str(raised.value).startswith("patient P3: the table has no row of the patient [")
    assert f"{file}.tsv]. Delete it and run again" in str(raised.value)
