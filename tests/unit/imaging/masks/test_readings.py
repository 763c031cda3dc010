"""What the import of a patient tells of its masks."""

import json

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.imaging import patient as patient_import
from taceflow.imaging.dicom.phase import PhaseRules
from taceflow.imaging.import_settings import ImportSettings
from taceflow.imaging.masks import readings
from taceflow.imaging.masks.load import LoadedMask
from taceflow.imaging.scan import Scan


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Import a patient of two readings: the scan and what reading the masks tells are given."""
    ct = sitk.GetImageFromArray(np.zeros((9, 12, 12), dtype=np.int16))
    mask = sitk.Image(ct.GetSize(), sitk.sitkUInt8)
    mask[2:8, 2:8, 2:7] = 1
    choice = {"candidates": 1, "reason": "named", "notes": "1 slice was sent twice"}
    monkeypatch.setattr(patient_import, "load_scan", lambda *a, **k: Scan(ct, {}, choice, None))

    def call(*told, phase="arterial"):
        loaded = iter([LoadedMask(mask, on_series, notes) for on_series, notes in told])
        monkeypatch.setattr(readings, "load_mask", lambda *a, **k: next(loaded))
        patient_import.import_patient(
            patient="P1",
            scan={"image": "ct", "series_uid": ""},
            masks=[
                {"reading": f"reader{reader}-1", "phase": phase, "mask": "m", "roi": ""}
                for reader in (1, 2)
            ],
            archive=None,
            catalogue=None,
            settings=ImportSettings(
                series=PhaseRules("arterial", {}, None, "any", ["description"], {}, {}),
                gantry_tilt="refuse",
                tumors="union",
                spacing_mm=[1.0, 1.0, 1.0],
                mask_interpolation="nearest",
                minimum_roi_voxels=64,
            ),
            on_bad_input="fail",
            volumes=str(tmp_path / "volumes"),
        )
        record = json.loads((tmp_path / "volumes" / "import.json").read_text())
        return [row["phase"] for row in record["readings"]], record["choice"]["notes"]

    return call


def test_a_mask_that_names_another_series_is_marked(run):
    phases, notes = run((False, ()), (True, ()))
    assert phases == ["other", "arterial"]
    assert notes == (
        "1 slice was sent twice; reader1-1: the file names another series than the scan's as the "
        "one drawn on"
    )


def test_a_mask_whose_phase_the_table_states_keeps_it(run):
    assert run((False, ()), (None, ()), phase="portal") == (
        ["portal", "portal"],
        "1 slice was sent twice",
    )


def test_what_was_mended_in_a_mask_is_told(run):
    phases, notes = run((None, ("a", "b")), (True, ()))
    assert phases == ["arterial", "arterial"]
    assert notes == "1 slice was sent twice; reader1-1: a; reader1-1: b"
