"""Masks: the same voxels from every kind of file."""

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom import list_series, load_series
from taceflow.imaging.masks import RTSTRUCT_STORAGE, load_mask


@pytest.fixture
def reference():
    image = sitk.Image((40, 30, 12), sitk.sitkInt16)
    image.SetSpacing((2.0, 2.0, 5.0))
    image.SetOrigin((-35.0, 12.0, 100.0))
    return image


def rtstruct(path, contours, name="Tumor"):
    """Write an RTSTRUCT of one region; contours are lists of LPS points in mm."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = RTSTRUCT_STORAGE
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID = RTSTRUCT_STORAGE
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.Modality = "RTSTRUCT"
    region = Dataset()
    region.ROINumber, region.ROIName = 7, name
    dataset.StructureSetROISequence = [region]
    item = Dataset()
    item.ReferencedROINumber = 7
    item.ContourSequence = []
    for points in contours:
        contour = Dataset()
        contour.ContourGeometricType = "CLOSED_PLANAR"
        contour.NumberOfContourPoints = len(points)
        contour.ContourData = [f"{value:.4f}" for point in points for value in point]
        item.ContourSequence.append(contour)
    dataset.ROIContourSequence = [item]
    dataset.save_as(path, enforce_file_format=True)
    return str(path)


def square(reference, low, high, level):
    """A square around the voxels low..high (inclusive) of a slice, through voxel borders."""
    corners = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    shift = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
    return [
        reference.TransformContinuousIndexToPhysicalPoint((x + dx, y + dy, level))
        for (x, y), (dx, dy) in zip(corners, shift, strict=True)
    ]


def test_contours_fill_the_voxels_they_enclose_and_leave_holes(reference, tmp_path):
    contours = [square(reference, (5, 6), (14, 15), level) for level in (3, 4)]
    contours.append(square(reference, (8, 9), (10, 11), 4))
    contours.append(square(reference, (20, 20), (22, 22), 4))
    path = rtstruct(tmp_path / "rs.dcm", contours)
    values = sitk.GetArrayFromImage(load_mask(path, "Tumor", reference, patient="P"))
    expected = np.zeros_like(values)
    expected[3:5, 6:16, 5:15] = 1
    expected[4, 9:12, 8:11] = 0
    expected[4, 20:23, 20:23] = 1
    np.testing.assert_array_equal(values, expected)


def test_a_wrong_region_name_lists_the_right_ones(reference, tmp_path):
    path = rtstruct(tmp_path / "rs.dcm", [square(reference, (5, 6), (9, 9), 3)], name="GTV")
    with pytest.raises(ExclusionError, match=r"patient P: region 'Tumor'.*'GTV'"):
        load_mask(path, "Tumor", reference, patient="P")
    assert sitk.GetArrayFromImage(load_mask(path, "", reference, patient="P")).sum() == 20


def test_contours_of_another_scan_are_refused(reference, tmp_path):
    path = rtstruct(tmp_path / "rs.dcm", [square(reference, (5, 6), (9, 9), 40)])
    with pytest.raises(ExclusionError, match="outside the CT"):
        load_mask(path, "", reference, patient="P")


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
def test_label_images_by_value(reference, tmp_path, suffix):
    labels = sitk.Image(reference.GetSize(), sitk.sitkUInt8)
    labels.CopyInformation(reference)
    labels[5:9, 6:9, 2:4] = 255
    labels[20:22, 6:9, 2:4] = 3
    path = str(tmp_path / f"mask{suffix}")
    sitk.WriteImage(labels, path)
    for roi, count in (("255", 24), ("3", 12)):
        mask = load_mask(path, roi, reference, patient="P")
        assert sitk.GetArrayFromImage(mask).sum() == count
    with pytest.raises(ExclusionError, match="several regions"):
        load_mask(path, "", reference, patient="P")


def test_a_mask_on_a_finer_grid_is_carried_over(reference, tmp_path):
    fine = sitk.Image((80, 60, 60), sitk.sitkUInt8)
    fine.SetSpacing((1.0, 1.0, 1.0))
    fine.SetOrigin((-35.5, 11.5, 98.0))
    fine[20:40, 20:40, 15:35] = 1
    path = str(tmp_path / "fine.nii.gz")
    sitk.WriteImage(fine, path)
    mask = load_mask(path, "", reference, patient="P")
    assert mask.GetSize() == reference.GetSize()
    assert sitk.GetArrayFromImage(mask).sum() == 10 * 10 * 4


def test_a_mask_elsewhere_in_space_is_refused(reference, tmp_path):
    far = sitk.Image((40, 30, 12), sitk.sitkUInt8)
    far.SetSpacing(reference.GetSpacing())
    far.SetOrigin((500.0, 500.0, 500.0))
    far[5:9, 6:9, 2:4] = 1
    path = str(tmp_path / "far.nii.gz")
    sitk.WriteImage(far, path)
    with pytest.raises(ExclusionError, match="another grid"):
        load_mask(path, "", reference, patient="P")


def test_dicom_segmentations_equal_the_known_answers(shared_data):
    folder = shared_data / "dicom_seg"
    (series,) = list_series(folder / "ct-3slice")
    ct = load_series(series, patient="P")
    # Segments 1, 4 and 5 of the overlapping ones share the first answer, by value.
    cases = [("liver.dcm", "", "liver_seg.nrrd", 1)]
    cases += [
        ("partial_overlaps.dcm", str(number), f"partial_overlaps-{answer}.nrrd", number)
        for number, answer in ((1, 1), (2, 2), (3, 3), (4, 1), (5, 1))
    ]
    for file, roi, answer, value in cases:
        mask = sitk.GetArrayFromImage(load_mask(str(folder / file), roi, ct, patient="P"))
        known = sitk.ReadImage(str(folder / answer))
        known = sitk.Resample(known, ct, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
        truth = sitk.GetArrayFromImage(known) == value
        assert truth.sum() > 100
        np.testing.assert_array_equal(mask > 0, truth, err_msg=f"{file} {roi}")
    with pytest.raises(ExclusionError, match="several regions"):
        load_mask(str(folder / "partial_overlaps.dcm"), "", ct, patient="P")


def test_real_rtstructs_give_the_volume_of_their_contours(shared_data):
    """Volume by the shoelace formula on the contours against the voxels' volume, 12 patients."""
    cases = sorted((shared_data / "sts" / "dicom").iterdir())
    assert len(cases) == 12
    for case in cases:
        (series,) = list_series(case / "image")
        ct = load_series(series, patient=case.name)
        path = case / "mask" / "RS.dcm"
        mask = sitk.GetArrayFromImage(load_mask(str(path), "", ct, patient=case.name))
        area = 0.0
        for contour in pydicom.dcmread(path).ROIContourSequence[0].ContourSequence:
            x, y, _ = np.reshape(np.array(contour.ContourData, dtype=float), (-1, 3)).T
            area += abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
        outlined = area * ct.GetSpacing()[2]
        voxels = mask.sum() * np.prod(ct.GetSpacing())
        assert voxels == pytest.approx(outlined, rel=0.03), case.name
