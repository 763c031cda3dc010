"""Data that the statistics' tests share."""

import json

import numpy as np
import pandas as pd
import pytest

from taceflow.cohort.training import training_patients
from taceflow.survival.evaluation.curves import write_curves
from taceflow.survival.evaluation.performance import write_performance
from taceflow.survival.models.clinical_variables import write_clinical_variables
from taceflow.survival.models.cut_off import find_score_cut_off, risk_groups
from taceflow.survival.models.fit import fit_models
from taceflow.survival.regression.variable_selection import Selection


@pytest.fixture(scope="session")
def veteran(shared_data) -> pd.DataFrame:
    """R's veteran: 137 patients, 128 deaths, many ties."""
    table = pd.read_csv(shared_data / "stat/data/veteran.csv", skipinitialspace=True)
    return table.rename(columns={"time": "time_months", "status": "event"})


@pytest.fixture
def cohort() -> pd.DataFrame:
    """A made-up cohort: `strong` and `stage` carry risk, `weak` does not."""
    n = 160
    draw = np.random.default_rng(21)
    strong, weak = draw.normal(size=n), draw.normal(size=n)
    stage = draw.choice([1.0, 2.0, 3.0], n)
    risk = 1.0 * strong + 0.7 * (stage - 1)
    death = draw.exponential(30, n) * np.exp(-risk)
    censoring = draw.uniform(6, 70, n)
    return pd.DataFrame(
        {
            "patient_id": [f"P{k:03d}" for k in range(n)],
            "cohort": np.where(np.arange(n) % 3 == 0, "validation", "training"),
            "time_months": np.maximum(np.minimum(death, censoring).round(1), 0.1),
            "event": (death <= censoring).astype(int),
            "strong": strong,
            "weak": weak,
            "stage": stage,
            "radscore": 0.5 * strong + 0.5 * draw.normal(size=n),
            "dlopctr": 1 / (1 + np.exp(risk + draw.normal(size=n))),
        }
    )


BREAKS = [0.0, 6.0, 12.0, 20.0, 36.0, 60.0]
ENTRIES = [
    {"column": "strong", "label": "Strong"},
    {"column": "weak", "label": "Weak"},
    {"column": "stage", "label": "Stage", "reference": 1},
    {"column": "dlopctr", "label": "DLOP-CTR"},
]


class Run:
    """The tables that the survival rules read, and their outputs."""

    cut_off = "median"
    select = "univariate"

    def __init__(self, folder, cohort):
        self.folder, self.cohort = folder, cohort
        cohort.drop(columns=["radscore", "dlopctr"]).to_csv(
            self.path("patients.tsv"), sep="\t", index=False
        )
        self.write_radscore(cohort)
        (folder / "breaks.json").write_text(
            json.dumps({"breaks_months": BREAKS, "horizon_months": 20.0})
        )
        for name, table in (("dlopctr", "dlopctr"), ("dlop_combin", "combin")):
            self.write_network(cohort, name, table)

    def write_radscore(self, cohort):
        """Write the Radscore, and who is of high risk by it, as its own rules do."""
        rows = training_patients(cohort)
        follow_up = rows["time_months"].to_numpy(), rows["event"].to_numpy()
        found = find_score_cut_off(rows["radscore"].to_numpy(), *follow_up, self.cut_off)
        (self.folder / "radscore.json").write_text(
            json.dumps(found.as_json() | {"note": found.note})
        )
        groups = risk_groups(cohort["radscore"].to_numpy(), found.as_json())
        scores = cohort[["patient_id", "cohort", "radscore"]].assign(risk_group=groups)
        scores.to_csv(self.path("scores.tsv"), sep="\t", index=False)

    def write_network(self, cohort, name, table):
        """Write a network's predictions: two seeds, one of them blurred."""
        ids = cohort[["patient_id", "cohort"]]
        seeds = []
        for number, power in ((1, 1.0), (2, 1.5)):
            # the first half of the risk in every interval, so that S(20) is the score
            score = cohort["dlopctr"].clip(0.01, 0.99) ** power
            curves = {
                f"survival_at_{months:.2f}_months": score ** (months / 20) for months in BREAKS[1:]
            }
            seeds.append(ids.assign(seed=number, **{name: score}, **curves))
        apart = pd.concat(seeds, ignore_index=True)
        apart.to_csv(self.path(f"{table}_by_seed.tsv"), sep="\t", index=False)
        mean = apart.drop(columns=["seed", "cohort"]).groupby("patient_id").mean().reset_index()
        mean = ids.merge(mean, on="patient_id").assign(out_of_fold=0, **{f"{name}_sd": 0.1})
        mean.to_csv(self.path(f"{table}.tsv"), sep="\t", index=False)
        (self.folder / f"{table}.safetensors").write_bytes(name.encode())

    def path(self, name):
        return str(self.folder / name)

    def fit(self, images=True):
        write_clinical_variables(
            patients=self.path("patients.tsv"),
            selection=Selection(variables=ENTRIES, p_enter=0.05, select=self.select),
            chosen=self.path("clinical_variables.json"),
        )
        fit_models(
            patients=self.path("patients.tsv"),
            radscore_scores=self.path("scores.tsv"),
            radscore_model=self.path("radscore.json"),
            networks={
                name: {
                    "predictions": self.path(f"{table}.tsv"),
                    "weights": self.path(f"{table}.safetensors"),
                    "breaks": self.path("breaks.json"),
                }
                for name, table in (("dlopctr", "dlopctr"), ("dlop_combin", "combin"))
                if images
            },
            by_seed=self.path("dlopctr_by_seed.tsv") if images else None,
            clinical_variables=self.path("clinical_variables.json"),
            horizons_months=[12, 36, 600],
            cut_off=self.cut_off,
            models=self.path("models.json"),
            predictions=self.path("predictions.tsv"),
        )
        return json.loads((self.folder / "models.json").read_text()), self.read("predictions.tsv")

    def evaluate(self, images=True):
        shared = {
            "patients": self.path("patients.tsv"),
            "predictions": self.path("predictions.tsv"),
            "horizons_months": [12, 36, 600],
        }
        write_performance(
            **shared,
            models=self.path("models.json"),
            networks={
                name: {
                    "predictions": self.path(f"{table}.tsv"),
                    "by_seed": self.path(f"{table}_by_seed.tsv"),
                }
                for name, table in (("dlopctr", "dlopctr"), ("dlop_combin", "combin"))
                if images
            },
            bootstraps=20,
            seed=1,
            performance=self.path("performance.tsv"),
            comparisons=self.path("comparisons.tsv"),
        )
        names = ("roc", "auc", "calibration", "decision_curve")
        write_curves(**shared, **{name: self.path(f"{name}.tsv") for name in names})
        return {name: self.read(f"{name}.tsv") for name in ("performance", "comparisons", *names)}

    def read(self, name):
        return pd.read_csv(self.folder / name, sep="\t", float_precision="round_trip")


@pytest.fixture
def new_run():
    """Return what makes the tables of a study from a folder and a cohort."""
    return Run


@pytest.fixture
def run(tmp_path, cohort):
    cohort.loc[[0, 1], "strong"] = np.nan
    return Run(tmp_path, cohort)
