"""What an import leaves in its record: digests by which patients are compared, and remedies."""

import numpy as np
import pytest
import SimpleITK as sitk
import yaml

from taceflow.cohort.ownership import shared_images
from taceflow.files.tables import read_json
from taceflow.imaging.import_settings import ImportSettings
from taceflow.imaging.patient import import_patient


@pytest.fixture
def run(root, tmp_path):
    imaging = yaml.safe_load((root / "config" / "config.yaml").read_text())["imaging"]

    def run(patient, image, mask):
        folder = tmp_path / "volumes" / patient
        import_patient(
            patient=patient,
            scan={"image": str(image), "series_uid": ""},
            masks=[{"reading": "reader1-1", "phase": "arterial", "mask": str(mask), "roi": ""}],
            archive=None,
            catalogue=None,
            settings=ImportSettings.of(imaging | {"minimum_roi_voxels": 8}),
            on_bad_input="exclude",
            volumes=str(folder),
        )
        return read_json(folder / "import.json")

    return run


def image(values, path):
    made = sitk.GetImageFromArray(values)
    sitk.WriteImage(made, str(path))
    return path


def test_copies_of_a_scan_or_of_an_outline_are_found_whatever_they_are_called(run, tmp_path):
    random = np.random.default_rng(7)
    scans = [random.integers(-1000, 300, (6, 256, 256)).astype(np.int16) for _ in range(3)]
    masks = []
    for width in (3, 4, 5):
        mask = np.zeros((6, 256, 256), np.uint8)
        mask[2:5, 3:8, 4 : 4 + width] = 1
        masks.append(mask)
    cases = {"A": (0, 0), "B": (0, 1), "C": (1, 2), "D": (2, 2), "E": (1, 1)}
    # E is left out: its scan is C's, its outline B's
    records = [
        run(
            patient,
            image(scans[scan], tmp_path / f"{patient}-ct.{'nrrd' if patient == 'B' else 'nii'}"),
            image(masks[mask], tmp_path / f"{patient}-mask.nii.gz"),
        )
        for patient, (scan, mask) in cases.items()
    ]
    found = shared_images(records[:4])
    assert {patient: answer[:2] for patient, answer in found.items()} == {
        "A": ("imaging", "another patient has the same scan, voxel for voxel: patient B"),
        "B": ("imaging", "another patient has the same scan, voxel for voxel: patient A"),
        "C": ("segmentation", "another patient has the same outline, voxel for voxel: patient D"),
        "D": ("segmentation", "another patient has the same outline, voxel for voxel: patient C"),
    }
    assert shared_images([records[0], records[2]]) == {}
    assert set(shared_images(records)) == set(cases)


def test_two_phantoms_may_be_alike(run, tmp_path):
    scan = image(
        np.arange(9 * 12 * 15, dtype=np.int16).reshape(9, 12, 15) - 1000, tmp_path / "c.nii"
    )
    mask = np.zeros((9, 12, 15), np.uint8)
    mask[2:6, 3:8, 4:8] = 1
    outline = image(mask, tmp_path / "m.nii")
    assert shared_images([run(patient, scan, outline) for patient in "AB"]) == {}


def test_a_redrawn_mask_shows_in_the_record_and_a_copy_in_another_format_does_not(run, tmp_path):
    scan = np.arange(9 * 12 * 15, dtype=np.int16).reshape(9, 12, 15) - 1000
    mask = np.zeros((9, 12, 15), np.uint8)
    mask[2:6, 3:8, 4:8] = 1
    first = run("P", image(scan, tmp_path / "c.nii"), image(mask, tmp_path / "m.nii"))["images"]
    assert set(first) == {"ct", "reader1-1"}
    copied = run("P", image(scan, tmp_path / "c.nrrd"), image(mask, tmp_path / "m.nrrd"))["images"]
    assert copied == first
    mask[5, 7, 7] = 0
    redrawn = run("P", tmp_path / "c.nii", image(mask, tmp_path / "m.nii"))["images"]
    assert redrawn["ct"] == first["ct"]
    assert redrawn["reader1-1"] != first["reader1-1"]


def test_an_exclusion_keeps_its_remedy(run, tmp_path):
    scan = image(np.zeros((9, 12, 15), np.int16), tmp_path / "ct.nii")
    exclusion = run("P", scan, scan)["exclusion"]
    assert exclusion["reason"] == "values from 0 to 0 are no CT in HU"
    assert "-1024 HU" in exclusion["remedy"]
