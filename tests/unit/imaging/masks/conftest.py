"""CTs, masks and structure sets that the tests write."""

import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from taceflow.imaging.masks.load import load_mask
from taceflow.imaging.masks.mask_file import ReferenceCT
from taceflow.imaging.masks.structure_set import STORAGE

FRAME = "1.2.826.0.1.3680043.8.498.9"

FIRST_X, FIRST_Y, FIRST_Z = -35.0, 12.0, 100.0


@pytest.fixture
def small_ct():
    image = sitk.Image((20, 15, 6), sitk.sitkInt16)
    image.SetSpacing((2.0, 2.0, 5.0))
    image.SetOrigin((-35.0, 12.0, 100.0))
    return image


@pytest.fixture
def save_labels():
    def save_labels(values, ct, path):
        image = sitk.GetImageFromArray(values)
        image.CopyInformation(ct)
        sitk.WriteImage(image, str(path))
        return str(path)

    return save_labels


@pytest.fixture
def count():
    def count(path, roi, ct):
        return int(
            sitk.GetArrayFromImage(load_mask(path, roi, ReferenceCT(ct), patient="P").image).sum()
        )

    return count


@pytest.fixture
def reference():
    image = sitk.Image((40, 30, 12), sitk.sitkInt16)
    image.SetSpacing((2.0, 2.0, 5.0))
    image.SetOrigin((-35.0, 12.0, 100.0))
    return image


@pytest.fixture
def blank():
    def blank(ct):
        labels = sitk.Image(ct.GetSize(), sitk.sitkUInt8)
        labels.CopyInformation(ct)
        return labels

    return blank


@pytest.fixture
def two_blocks(blank):
    def two_blocks(ct):
        """24 voxels of label 1 and, apart from them, 12 of label 2."""
        labels = blank(ct)
        labels[5:9, 6:9, 2:4] = 1
        labels[20:22, 6:9, 2:4] = 2
        return labels

    return two_blocks


@pytest.fixture
def save():
    def save(image, path):
        sitk.WriteImage(image, str(path))
        return str(path)

    return save


@pytest.fixture
def wide_ct():
    image = sitk.Image((60, 50, 14), sitk.sitkInt16)
    image.SetSpacing((2.0, 2.0, 5.0))
    image.SetOrigin((FIRST_X, FIRST_Y, FIRST_Z))
    return image


@pytest.fixture
def rtstruct(contour):
    def rtstruct(path, *regions, kind="CLOSED_PLANAR", frame="roi", listed=None, series=None):
        """Write an RTSTRUCT of regions (name, outlines); outlines are LPS points in mm or contours.

        Its list of frames of reference holds `listed`, on which `series` was taken.
        """
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = STORAGE
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset = Dataset()
        dataset.file_meta = meta
        dataset.SOPClassUID = STORAGE
        dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
        dataset.StructureSetROISequence, dataset.ROIContourSequence = [], []
        for number, (name, outlines) in enumerate(regions, start=7):
            region, item = Dataset(), Dataset()
            region.ROINumber, region.ROIName = number, name
            item.ReferencedROINumber = number
            if frame == "roi":
                region.ReferencedFrameOfReferenceUID = FRAME
            if outlines is not None:
                item.ContourSequence = [
                    one if isinstance(one, Dataset) else contour(one, kind) for one in outlines
                ]
            dataset.StructureSetROISequence.append(region)
            dataset.ROIContourSequence.append(item)
        if frame == "object":
            dataset.FrameOfReferenceUID = FRAME
        elif frame == "sequence":
            listing = Dataset()
            listing.FrameOfReferenceUID = FRAME
            dataset.ReferencedFrameOfReferenceSequence = [listing]
        if listed:
            listing, study, drawn_on = Dataset(), Dataset(), Dataset()
            drawn_on.SeriesInstanceUID = series
            study.RTReferencedSeriesSequence = [drawn_on]
            listing.FrameOfReferenceUID = listed
            listing.RTReferencedStudySequence = [study]
            dataset.ReferencedFrameOfReferenceSequence = [listing]
        dataset.save_as(path, enforce_file_format=True)
        return str(path)

    return rtstruct


@pytest.fixture
def contour():
    def contour(points, kind):
        made = Dataset()
        made.ContourGeometricType = kind
        made.NumberOfContourPoints = len(points)
        made.ContourData = [f"{value:.4f}" for point in points for value in point]
        return made

    return contour


@pytest.fixture
def square():
    def square(ct, low, high, level):
        """A square around the voxels low..high (inclusive) of a slice, through voxel borders."""
        corners = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
        shift = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
        return [
            ct.TransformContinuousIndexToPhysicalPoint((x + dx, y + dy, float(level)))
            for (x, y), (dx, dy) in zip(corners, shift, strict=True)
        ]

    return square


@pytest.fixture
def voxels():
    def voxels(path, roi, ct, frame_of_reference=None, **options):
        target = ReferenceCT(ct, frame_of_reference)
        return sitk.GetArrayFromImage(load_mask(path, roi, target, patient="P", **options).image)

    return voxels


@pytest.fixture
def drawn(rtstruct, voxels):
    def drawn(tmp_path, ct, *outlines, **options):
        return voxels(rtstruct(tmp_path / "rs.dcm", ("T", outlines), **options), "T", ct)

    return drawn
