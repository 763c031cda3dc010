"""The files of a synthetic patient, read back by other hands than those that wrote them."""

from itertools import pairwise

import highdicom
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from taceflow.synthetic.latent import (
    DEFECTS,
    EMPTY_MASK,
    NO_ARTERIAL_PHASE,
    draw_patient,
    image_settings,
)
from taceflow.synthetic.patient import write_patient
from taceflow.synthetic.phantom import make_phantom
from taceflow.synthetic.plan import plan_cohort

DESCRIPTIONS = {"arterial": "ART PHASE 5.0", "portal": "PORTAL VENOUS 5.0"}
NUMBERS = {reason: number for number, reason in DEFECTS.items()}


def headers(folder):
    return [pydicom.dcmread(file) for file in sorted((folder / "ct").iterdir())]


def series_of(datasets, phase):
    return sorted(
        (d for d in datasets if d.SeriesDescription == DESCRIPTIONS[phase]),
        key=lambda d: float(d.ImagePositionPatient[2]),
    )


def decoded(folder):
    """Return reader 1's mask on all arterial slices, from feet to head."""
    return highdicom.seg.segread(folder / "masks" / "reader1-1.dcm").get_pixels_by_source_instance(
        [d.SOPInstanceUID for d in series_of(headers(folder), "arterial")],
        assert_missing_frames_are_empty=True,
        combine_segments=True,
    )


def dice(one, two):
    return 2 * (one & two).sum() / (one.sum() + two.sum())


@pytest.fixture(scope="module")
def twice_read(synthetic_settings) -> int:
    """Number of a patient whom both readers outlined."""
    readings = plan_cohort(synthetic_settings).segmentations
    return int(readings.loc[readings["reader"] == 2, "patient_id"].iloc[0].removeprefix("HCC-"))


@pytest.mark.parametrize("phase", ["arterial", "portal"])
def test_simpleitk_reads_the_phantom_back(written, synthetic_settings, phase):
    phantom = make_phantom(synthetic_settings["seed"], draw_patient(synthetic_settings, 1))
    folder = str(written(1) / "ct")
    reader = sitk.ImageSeriesReader()
    ids = reader.GetGDCMSeriesIDs(folder)
    assert len(ids) == 2
    wanted = series_of(headers(written(1)), phase)[0].SeriesInstanceUID
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(folder, wanted))
    image = reader.Execute()
    assert np.abs(sitk.GetArrayFromImage(image) - phantom.hu[phase]).max() <= 0.5
    np.testing.assert_allclose(image.GetSpacing(), phantom.grid.spacing_mm, atol=1e-6)
    np.testing.assert_allclose(image.GetOrigin(), phantom.grid.origin_mm, atol=1e-3)
    np.testing.assert_allclose(image.GetDirection(), np.eye(3).ravel(), atol=1e-9)


def test_pydicom_reads_the_phantom_back(written, synthetic_settings):
    phantom = make_phantom(synthetic_settings["seed"], draw_patient(synthetic_settings, 1))
    for phase in ("arterial", "portal"):
        slices = series_of(headers(written(1)), phase)
        hu = [d.pixel_array * float(d.RescaleSlope) + float(d.RescaleIntercept) for d in slices]
        assert np.abs(np.stack(hu) - phantom.hu[phase]).max() <= 0.5
        places = np.array([d.ImagePositionPatient for d in slices], dtype=float)
        np.testing.assert_allclose(places[0], phantom.grid.origin_mm, atol=1e-3)
        np.testing.assert_allclose(np.diff(places[:, 2]), 5.0, atol=1e-3)


def test_headers_tell_the_phases_apart_and_what_the_protocol_was(written):
    datasets = headers(written(1))
    assert {d.SeriesDescription for d in datasets} == set(DESCRIPTIONS.values())
    for keyword in ("StudyInstanceUID", "FrameOfReferenceUID", "PatientID"):
        assert len({d.get(keyword) for d in datasets}) == 1
    assert len({d.SeriesInstanceUID for d in datasets}) == 2
    assert len({d.SOPInstanceUID for d in datasets}) == len(datasets) == 48
    first = datasets[0]
    assert (first.KVP, first.XRayTubeCurrent, first.SliceThickness) == (120, 250, 5)
    assert 300 <= first.ReconstructionDiameter <= 500
    assert first.file_meta.MediaStorageSOPInstanceUID == first.SOPInstanceUID
    assert pydicom.uid.UID(first.SOPInstanceUID).is_valid
    # neither the order of the names nor the names give the phase away
    phases = [d.SeriesDescription for d in datasets]
    assert sum(one != two for one, two in pairwise(phases)) > 5


def test_no_header_repeats_the_study_id(written):
    for dataset in headers(written(1)):
        assert "HCC" not in str(dataset)
        assert str(dataset.PatientName).startswith("Synthetic^")
    assert "HCC" not in str(pydicom.dcmread(written(1) / "masks" / "reader1-1.dcm"))


def test_the_segmentation_holds_the_planted_mask(written, synthetic_settings):
    phantom = make_phantom(synthetic_settings["seed"], draw_patient(synthetic_settings, 1))
    file = written(1) / "masks" / "reader1-1.dcm"
    assert highdicom.seg.segread(file).get_segment_description(1).segment_label == "Tumor"
    pixels = decoded(written(1))
    expected = phantom.tumor.mask(phantom.grid)
    assert expected.sum() > 64
    np.testing.assert_array_equal(pixels, expected)


def test_the_longest_diameter_is_the_planned_one(synthetic_settings):
    for number in (1, 2, 4, 6):
        patient = draw_patient(synthetic_settings, number)
        phantom = make_phantom(synthetic_settings["seed"], patient)
        z, y, x = np.nonzero(phantom.tumor.mask(phantom.grid))
        points = np.column_stack([x, y, z]) * phantom.grid.spacing_mm
        extent = np.linalg.norm(points[:, None] - points[None], axis=2).max()
        assert extent == pytest.approx(patient.tumor_size_mm, abs=6)


def test_other_readings_are_close_but_not_the_same(written, synthetic_settings):
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


def test_heterogeneity_in_the_mask_follows_the_latent_texture(synthetic_settings):
    z, spread, mean = [], [], []
    for number in range(1, 13):
        patient = draw_patient(synthetic_settings, number)
        phantom = make_phantom(synthetic_settings["seed"], patient)
        inside = phantom.hu["arterial"][phantom.tumor.mask(phantom.grid) > 0]
        z.append(patient.texture_z)
        spread.append(inside.std())
        mean.append(inside.mean())
    assert np.corrcoef(z, spread)[0, 1] > 0.8
    assert min(mean) > 80


def test_tumour_enhances_in_the_arterial_phase_and_washes_out(synthetic_settings):
    phantom = make_phantom(synthetic_settings["seed"], draw_patient(synthetic_settings, 2))
    inside = phantom.tumor.mask(phantom.grid) > 0
    distance = phantom.tumor.distance(phantom.grid)
    around = (distance > 3) & (distance < 8)
    for phase, sign in (("arterial", 1), ("portal", -1)):
        tumor, liver = phantom.hu[phase][inside], phantom.hu[phase][around]
        assert sign * (tumor.mean() - np.median(liver)) > 5


def test_the_patient_without_arterial_phase(written):
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
