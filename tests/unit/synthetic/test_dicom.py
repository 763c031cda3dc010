"""Synthetic DICOM files, read back by other hands than those that wrote them."""

from itertools import pairwise

import highdicom
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from taceflow.synthetic.latent import (
    draw_patient,
)
from taceflow.synthetic.phantom import make_phantom

DESCRIPTIONS = {"arterial": "ART PHASE 5.0", "portal": "PORTAL VENOUS 5.0"}


@pytest.mark.parametrize("phase", ["arterial", "portal"])
def test_simpleitk_reads_the_phantom_back(written, synthetic_settings, phase, headers, series_of):
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


def test_pydicom_reads_the_phantom_back(written, synthetic_settings, headers, series_of):
    phantom = make_phantom(synthetic_settings["seed"], draw_patient(synthetic_settings, 1))
    for phase in ("arterial", "portal"):
        slices = series_of(headers(written(1)), phase)
        hu = [d.pixel_array * float(d.RescaleSlope) + float(d.RescaleIntercept) for d in slices]
        assert np.abs(np.stack(hu) - phantom.hu[phase]).max() <= 0.5
        places = np.array([d.ImagePositionPatient for d in slices], dtype=float)
        np.testing.assert_allclose(places[0], phantom.grid.origin_mm, atol=1e-3)
        np.testing.assert_allclose(np.diff(places[:, 2]), 5.0, atol=1e-3)


def test_headers_tell_the_phases_apart_and_what_the_protocol_was(written, headers):
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


def test_no_header_repeats_the_study_id(written, headers):
    for dataset in headers(written(1)):
        assert "HCC" not in str(dataset)
        assert str(dataset.PatientName).startswith("Synthetic^")
    assert "HCC" not in str(pydicom.dcmread(written(1) / "masks" / "reader1-1.dcm"))


def test_the_segmentation_holds_the_planted_mask(written, synthetic_settings, decoded):
    phantom = make_phantom(synthetic_settings["seed"], draw_patient(synthetic_settings, 1))
    file = written(1) / "masks" / "reader1-1.dcm"
    assert highdicom.seg.segread(file).get_segment_description(1).segment_label == "Tumor"
    pixels = decoded(written(1))
    expected = phantom.tumor.mask(phantom.grid)
    assert expected.sum() > 64
    np.testing.assert_array_equal(pixels, expected)
