"""The files of a synthetic patient, read back by other hands than those that wrote them."""

import highdicom
import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.synthetic.latent import (
    DEFECTS,
    EMPTY_MASK,
    NO_ARTERIAL_PHASE,
    image_settings,
)
from taceflow.synthetic.patient import write_patient
from taceflow.synthetic.plan import plan_cohort

DESCRIPTIONS = {"arterial": "ART PHASE 5.0", "portal": "PORTAL VENOUS 5.0"}

NUMBERS = {reason: number for number, reason in DEFECTS.items()}


def dice(one, two):
    return 2 * (one & two).sum() / (one.sum() + two.sum())


@pytest.fixture(scope="module")
def twice_read(synthetic_settings) -> int:
    """Number of a patient whom both readers outlined."""
    readings = plan_cohort(synthetic_settings).segmentations
    return int(readings.loc[readings["reader"] == 2, "patient_id"].iloc[0].removeprefix("HCC-"))


def test_other_readings_are_close_but_not_the_same(written, synthetic_settings, decoded):
    readings = plan_cohort(synthetic_settings).segmentations
    patients = readings.loc[readings["reader"] == 2, "patient_id"].unique()
    found = {1: [], 2: []}
    for patient in patients[:8]:
        folder = written(int(patient.removeprefix("HCC-")))
        tumor = decoded(folder) > 0
        for reader, name in ((1, "reader1-2"), (2, "reader2-1")):
            image = sitk.ReadImage(str(folder / "masks" / f"{name}.nii.gz"))
            found[reader].append(dice(tumor, sitk.GetArrayFromImage(image) > 0))
    both = np.array(found[1] + found[2])
    assert ((both >= 0.8) & (both <= 0.98)).all(), both
    assert np.mean(found[1]) > np.mean(found[2])


def test_the_patient_without_arterial_phase(written, headers):
    datasets = headers(written(NUMBERS[NO_ARTERIAL_PHASE]))
    assert {d.SeriesDescription for d in datasets} == {DESCRIPTIONS["portal"]}


def test_the_patient_with_an_empty_mask(written):
    folder = written(NUMBERS[EMPTY_MASK])
    assert [file.name for file in (folder / "masks").iterdir()] == ["reader1-1.dcm"]
    segmentation = highdicom.seg.segread(folder / "masks" / "reader1-1.dcm")
    assert list(segmentation.segment_numbers) == [1]
    assert segmentation.get_volume(combine_segments=True).array.sum() == 0


def test_each_file_of_the_tables_is_there(written, synthetic_settings, twice_read):
    plan = plan_cohort(synthetic_settings, root="root")
    for number in (1, 5, twice_read):
        folder = written(number)
        rows = plan.segmentations[plan.segmentations["patient_id"] == folder.name]
        names = {path.rsplit("/", 1)[1] for path in rows["mask"]}
        assert names == {file.name for file in (folder / "masks").iterdir()}


def test_a_second_run_writes_the_same_bytes(
    written, synthetic_settings, null_settings, twice_read, tmp_path
):
    for number in (5, twice_read):
        first = written(number)
        again = tmp_path / first.name
        write_patient(image_settings(null_settings), first.name, str(again))
        files = sorted(file.relative_to(first) for file in first.rglob("*") if file.is_file())
        assert files == sorted(f.relative_to(again) for f in again.rglob("*") if f.is_file())
        for file in files:
            assert (first / file).read_bytes() == (again / file).read_bytes(), file
