"""Settings of the synthetic cohort, and patients written once for all tests."""

import highdicom
import pandas as pd
import pydicom
import pytest

from taceflow.synthetic.latent import image_settings, patient_id_of
from taceflow.synthetic.patient import write_patient
from taceflow.synthetic.plan import plan_cohort


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


DESCRIPTIONS = {"arterial": "ART PHASE 5.0", "portal": "PORTAL VENOUS 5.0"}


def _headers(folder):
    return [pydicom.dcmread(file) for file in sorted((folder / "ct").iterdir())]


def _series_of(datasets, phase):
    return sorted(
        (d for d in datasets if d.SeriesDescription == DESCRIPTIONS[phase]),
        key=lambda d: float(d.ImagePositionPatient[2]),
    )


def _decoded(folder):
    """Return reader 1's mask on all arterial slices, from feet to head."""
    return highdicom.seg.segread(folder / "masks" / "reader1-1.dcm").get_pixels_by_source_instance(
        [d.SOPInstanceUID for d in _series_of(_headers(folder), "arterial")],
        assert_missing_frames_are_empty=True,
        combine_segments=True,
    )


@pytest.fixture
def headers():
    """The slices of a patient's folder."""
    return _headers


@pytest.fixture
def series_of():
    """The slices of one phase among others, from feet to head."""
    return _series_of


@pytest.fixture
def decoded():
    """Reader 1's mask in a patient's folder."""
    return _decoded


@pytest.fixture(scope="session")
def large(synthetic_settings) -> pd.DataFrame:
    return plan_cohort(synthetic_settings | {"patients": 2000}).latents


@pytest.fixture(scope="session")
def large_null(null_settings) -> pd.DataFrame:
    return plan_cohort(null_settings | {"patients": 2000}).latents
