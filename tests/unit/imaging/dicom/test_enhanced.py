"""Enhanced CT: the facts of each frame, the same volume as from classic files."""

import zipfile

import highdicom
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedCTImageStorage, generate_uid

from taceflow.imaging.acquisition import describe_series
from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series


def item(**facts) -> Dataset:
    dataset = Dataset()
    for keyword, value in facts.items():
        setattr(dataset, keyword, value)
    return dataset


@pytest.fixture
def write_enhanced(write, tmp_path):
    """Write one enhanced CT of several scans, interleaved frame by frame."""

    def write_enhanced(scans: list[np.ndarray], name="enhanced"):
        folder = write(scans[0][:1], name=name)
        (file,) = folder.iterdir()
        dataset = pydicom.dcmread(file)
        for keyword in (
            *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"),
            *("RescaleSlope", "RescaleIntercept"),
        ):
            delattr(dataset, keyword)
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.ContrastBolusAgentSequence = [
            item(
                CodeMeaning="Iodine",
                ContrastAdministrationProfileSequence=[item(ContrastBolusStartTime="085930")],
            )
        ]
        shared = item(
            PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
            PixelMeasuresSequence=[item(PixelSpacing=[0.9, 0.7], SliceThickness=3)],
            CTXRayDetailsSequence=[item(KVP=120)],
            CTExposureSequence=[item(XRayTubeCurrentInmA=250)],
        )
        frames, planes = [], []
        for index in range(len(scans[0])):
            for number, stored in enumerate(scans, start=1):
                slope = 1 + 0.5 * (index % 2)
                planes.append(np.rint(stored[index] / slope).astype("<u2"))
                content = item(
                    FrameAcquisitionNumber=number,
                    FrameAcquisitionDateTime=f"201301150900{20 * number + index:02d}.000000+0100",
                )
                scale = item(RescaleSlope=slope, RescaleIntercept=-1024, RescaleType="HU")
                frames.append(
                    item(
                        PlanePositionSequence=[
                            item(ImagePositionPatient=[-20, -30, 100 + 3 * index])
                        ],
                        FrameContentSequence=[content],
                        PixelValueTransformationSequence=[scale],
                    )
                )
        dataset.SharedFunctionalGroupsSequence = [shared]
        dataset.PerFrameFunctionalGroupsSequence = frames
        dataset.NumberOfFrames = len(frames)
        dataset.PixelData = np.array(planes).tobytes()
        dataset.save_as(file, enforce_file_format=True)
        return folder

    return write_enhanced


def test_one_acquisition(write_enhanced, phantom):
    (series,) = list_series(write_enhanced([phantom]))
    image = load_series(series, patient="P")
    values = sitk.GetArrayFromImage(image)
    np.testing.assert_allclose(values, phantom.astype(float) - 1024, atol=1)
    np.testing.assert_array_equal(values[::2], phantom[::2].astype(int) - 1024)
    assert image.GetSpacing() == pytest.approx((0.7, 0.9, 3))
    assert image.GetOrigin() == (-20, -30, 100)


def test_facts_have_the_names_of_classic_ct(write_enhanced, phantom):
    (series,) = list_series(write_enhanced([phantom]))
    header = series.header
    assert (header.AcquisitionDate, header.AcquisitionTime) == ("20130115", "090020.000000")
    assert header.ContrastBolusStartTime == "085930"
    assert "PerFrameFunctionalGroupsSequence" not in header
    assert "PatientName" not in header
    facts = describe_series(series, load_series(series, patient="P"))
    assert (facts["tube_voltage_kv"], facts["tube_current_ma"]) == (120, 250)
    assert facts["slice_thickness_mm"] == 3
    assert (facts["orientation"], facts["image_type"]) == ("axial", "ORIGINAL PRIMARY AXIAL")


def test_interleaved_acquisitions(write_enhanced, phantom):
    found = list_series(write_enhanced([phantom, phantom + 40]))
    assert [one.acquisition for one in found] == ["1 of 2", "2 of 2"]
    for one, stored in zip(found, (phantom, phantom + 40), strict=True):
        values = sitk.GetArrayFromImage(load_series(one, patient="P"))
        np.testing.assert_allclose(values, stored.astype(float) - 1024, atol=1)


def test_legacy_converted_from_classic_by_highdicom(write, phantom, tmp_path):
    folder = write(
        phantom,
        AccessionNumber="",
        PatientName="",
        PatientBirthDate="",
        PatientSex="",
        StudyID="",
        ReferringPhysicianName="",
        FrameOfReferenceUID="1.2.3.4",
        PositionReferenceIndicator="",
        AcquisitionDate="20130115",
        AcquisitionTime="091500",
        BitsStored=12,
        HighBit=11,
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL", "NONE"],
    )
    (classic,) = list_series(folder)
    converted = highdicom.legacy.LegacyConvertedEnhancedCTImage(
        [pydicom.dcmread(file) for file in sorted(folder.iterdir())],
        series_instance_uid=generate_uid(),
        series_number=9,
        sop_instance_uid=generate_uid(),
        instance_number=1,
    )
    (tmp_path / "legacy").mkdir()
    converted.save_as(tmp_path / "legacy" / "all")
    (series,) = list_series(tmp_path / "legacy")
    assert float(series.header.AcquisitionTime) == 91500
    assert series.number == 9
    ours, expected = load_series(series, patient="P"), load_series(classic, patient="P")
    np.testing.assert_array_equal(*map(sitk.GetArrayFromImage, (ours, expected)))
    assert ours.GetOrigin() == expected.GetOrigin()
    assert ours.GetSpacing() == expected.GetSpacing()


def test_a_zip_archive_gives_the_same_volume(write, phantom, tmp_path):
    folder = write(phantom)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"deep/er/{file.name}")
    (zipped,), (plain,) = list_series(tmp_path / "all.zip"), list_series(folder)
    assert zipped.slices[0].location.endswith(f"deep/er/{plain.slices[0].location[-8:]}")
    assert load_series(zipped, patient="P") == load_series(plain, patient="P")
