"""Settings of the synthetic cohort, and patients written once for all tests."""

import pytest

from taceflow.synthetic.latent import image_settings, patient_id_of
from taceflow.synthetic.patient import write_patient


@pytest.fixture(scope="session")
def synthetic_settings() -> dict:
    return {
        "seed": 11,
        "patients": 80,
        "validation_fraction": 0.35,
        "second_readings": 20,
        "hazard_ratios": {"tumor_texture": 3.0, "albi_score": 2.5, "bclc_b_substage": 1.6},
    }


@pytest.fixture(scope="session")
def null_settings(synthetic_settings) -> dict:
    ratios = dict.fromkeys(synthetic_settings["hazard_ratios"], 1.0)
    return synthetic_settings | {"hazard_ratios": ratios}


@pytest.fixture(scope="session")
def written(synthetic_settings, tmp_path_factory):
    """Folder of a patient by number, written on first use."""
    root = tmp_path_factory.mktemp("synthetic")

    def folder(number: int):
        path = root / patient_id_of(number)
        if not path.exists():
            write_patient(image_settings(synthetic_settings), path.name, str(path))
        return path

    return folder
