"""A made-up study of the network: cohort, embeddings and what was fixed before training."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torchvision.models import resnet101

from taceflow.dlopctr.convolutions.embeddings import embed_patients
from taceflow.dlopctr.convolutions.network import Convolutions, file_digest
from taceflow.dlopctr.convolutions.weights import prepare_backbone
from taceflow.dlopctr.dataset import collect_embeddings
from taceflow.dlopctr.protocol.intervals import write_breaks
from taceflow.dlopctr.protocol.splits import write_splits
from taceflow.files.tables import write_json, write_table

FEATURES = 64

CONVOLUTIONS = {
    "source": "random",
    "sha256": "f" * 64,
    "channel_means": [0.485, 0.456, 0.406],
    "channel_scales": [0.229, 0.224, 0.225],
}


@pytest.fixture(scope="session")
def embedded_table():
    """Embed patients whose patches lie in a folder, and say where the table of all is."""

    def embedded(convolutions, sampling, patients, patches, folder, threads=2):
        made = embed_patients(
            *(convolutions, sampling, patients),
            patches=f"{patches}/{{patient}}.nii.gz",
            embeddings=f"{folder}/{{patient}}.npz",
            threads=threads,
        )
        assert list(made) == [(patient, None) for patient in patients]
        parts = [f"{folder}/{patient}.npz" for patient in patients]
        collect_embeddings(parts, f"{folder}/all.parquet")
        return f"{folder}/all.parquet"

    return embedded


def draw_follow_up(log_hazard, random):
    death = random.exponential(20.0, len(log_hazard)) / np.exp(log_hazard)
    censoring = random.uniform(6.0, 90.0, len(log_hazard))
    return np.minimum(death, censoring).clip(0.1), (death <= censoring).astype(int)


def write_study(folder: Path, effect: float, seed: int = 0, patients: int = 110) -> dict[str, str]:
    """Write a cohort whose risk one direction of the embeddings carries."""
    random = np.random.default_rng(seed)
    risk = random.normal(size=patients)
    time, event = draw_follow_up(effect * risk, random)
    cohort = pd.DataFrame(
        {
            "patient_id": [f"P{number:03d}" for number in range(patients)],
            "cohort": np.where(np.arange(patients) % 11 < 7, "training", "validation"),
            "time_months": time,
            "event": event,
            "albi_score": random.normal(-2.4, 0.4, patients) + 0.2 * risk,
            "tumor_location": random.choice(["left", "right", "others"], patients),
        }
    )
    cohort.to_csv(folder / "patients.tsv", sep="\t", index=False)
    direction = random.normal(size=FEATURES)
    rows = []
    for number, patient in enumerate(cohort["patient_id"]):
        for position in range(1 + number % 4):
            for view in range(2):
                vector = 5 + random.normal(size=FEATURES) + 0.5 * risk[number] * direction
                rows.append([patient, position, view, *vector])
    columns = ["patient_id", "slice", "view", *(f"e{number:04d}" for number in range(2048))]
    table = pd.DataFrame(rows, columns=columns[: 3 + FEATURES])
    silent = pd.DataFrame(0.0, index=table.index, columns=columns[3 + FEATURES :])
    embeddings = pd.concat([table, silent], axis=1).astype(dict.fromkeys(columns[3:], "f4"))
    write_table(embeddings, folder / "embeddings.parquet", "embeddings")
    files = {
        "patients": str(folder / "patients.tsv"),
        "embeddings": str(folder / "embeddings.parquet"),
        "breaks": str(folder / "breaks.json"),
        "splits": str(folder / "splits.tsv"),
        "backbone": str(folder / "backbone.json"),
    }
    write_json(CONVOLUTIONS, files["backbone"])
    write_breaks(files["patients"], files["breaks"], 15, None)
    write_splits(files["patients"], files["splits"], 5, 0.2, 1)
    return files


@pytest.fixture(scope="session")
def planted(tmp_path_factory) -> dict[str, str]:
    """Files of a study in which the images tell the risk."""
    return write_study(tmp_path_factory.mktemp("planted"), effect=1.1)


@pytest.fixture(scope="session")
def null(tmp_path_factory) -> dict[str, str]:
    """Files of a study in which nothing tells the risk."""
    return write_study(tmp_path_factory.mktemp("null"), effect=0.0)


@pytest.fixture(scope="session")
def settings() -> dict:
    """The configuration's defaults, with few epochs and two seeds."""
    return {
        "protocol": "own",
        "head": "flexible",
        "seeds": 2,
        "batch_size": 32,
        "epochs": 20,
        "learning_rate": 0.001,
        "weight_decay": 0.0001,
        "dropout": 0.5,
        "plateau_epochs": 10,
        "stopping_epochs": 20,
        "stop_on": "tuning",
        "keep_weights": "tuning",
        "weigh": "patients",
        "standardise": True,
    }


@pytest.fixture(scope="session")
def weights_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="session")
def network():
    """A whole ResNet-101 whose batch norms have statistics of their own."""
    torch.manual_seed(0)
    whole = resnet101(weights=None)
    for module in whole.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.8, 1.5)
    return whole.eval()


@pytest.fixture(scope="session")
def state_file(weights_folder, network):
    path = weights_folder / "resnet101.pth"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="session")
def prepared(weights_folder, state_file):
    """Weights and description made from the local file."""
    made = str(weights_folder / "backbone.safetensors"), str(weights_folder / "backbone.json")
    prepare_backbone(str(state_file), file_digest(state_file), 0, *made, "x")
    return made


@pytest.fixture(scope="session")
def convolutions(prepared):
    """The frozen network on the CPU."""
    return Convolutions(
        weights=prepared[0], description=prepared[1], device="cpu", precision="float32"
    )
