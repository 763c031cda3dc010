"""What the catalogue keeps of a header."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import (
    RTStructureSetStorage,
    SecondaryCaptureImageStorage,
)

from taceflow.imaging.catalogue.patient_files import patient_files
from taceflow.synthetic.dicom import draw_person, write_segmentation, write_series
from taceflow.synthetic.shapes import Grid


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (["DERIVED", "SECONDARY", "AXIAL", "CT_SOM5 MPR"], "DERIVED SECONDARY AXIAL MPR"),
        (["DERIVED", "PRIMARY", "AXIAL", "MONO_40KEV"], "DERIVED PRIMARY AXIAL MONO KEV"),
        (["ORIGINAL", "PRIMARY", "AXIAL", "KOWALSKI"], "ORIGINAL PRIMARY AXIAL"),
        ("ORIGINAL", "ORIGINAL"),
    ],
)
def test_known_words_of_the_image_type_are_kept_and_no_others(root, build, written, kept, stack):
    stack(root, 2, ImageType=written)
    build()
    assert build.series.loc[0, "image_type"] == kept


def test_kinds(root, build, dicom, structure_set):
    dicom(root / "a", number=1, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    dicom(root / "b", number=2, SOPClassUID=SecondaryCaptureImageStorage, Modality="OT")
    dicom(root / "c", number=3, ImagePositionPatient=None)
    dicom(root / "d", number=4)
    # a localiser in the same series as the scan that it planned
    dicom(root / "e", number=4, index=9, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    build()
    table = build.series.set_index("series_number")
    assert table["kind"].to_dict() == {1: "localizer", 2: "secondary_capture", 3: "other", 4: "ct"}
    assert table.loc[4, ["files", "slices"]].tolist() == [2, 1]
    # the import tells localisers and images without a place from slices
    images = patient_files(build.files_file, "P1")["images"]
    assert [Path(name).name for name in images] == ["a", "c", "d", "e"]


@pytest.fixture
def structure_set(dicom):
    def structure_set(file, *, refers_to=None, frame=None, number=301):
        item = Dataset()
        item.FrameOfReferenceUID = frame
        if refers_to:
            study, series = Dataset(), Dataset()
            series.SeriesInstanceUID = refers_to
            study.RTReferencedSeriesSequence = [series]
            item.RTReferencedStudySequence = [study]
        classic = (
            "ImagePositionPatient",
            "ImageOrientationPatient",
            "PixelSpacing",
            "Rows",
            "Columns",
        )
        return dicom(
            file,
            number=number,
            SOPClassUID=RTStructureSetStorage,
            Modality="RTSTRUCT",
            FrameOfReferenceUID=None,
            ReferencedFrameOfReferenceSequence=[item],
            AcquisitionTime=None,
            **dict.fromkeys(classic),
        )

    return structure_set


def test_an_rtstruct_refers_to_the_series_it_names_or_shares_a_frame_with(
    root, build, stack, uid, structure_set
):
    stack(root, 2, number=4)
    stack(root, 2, number=5, FrameOfReferenceUID=uid("other"))
    structure_set(root / "named", refers_to=uid("771234", 1, 4), frame=uid("other"))
    structure_set(root / "framed", frame=uid("other"), number=302)
    structure_set(root / "lost", refers_to=uid("not here"), frame=uid("other"), number=303)
    build()
    table = build.series.set_index("series_number")
    assert table["refers_to"].fillna("").to_dict() == {4: "", 5: "", 301: "4", 302: "5", 303: ""}
    assert (table.loc[301:, "kind"] == "structure_set").all()
    assert len(patient_files(build.files_file, "P1")["segmentations"]) == 3


def test_a_dicom_seg_refers_to_the_scan_it_was_drawn_on(root, build):
    person = draw_person(
        np.random.default_rng(4), sex="female", age_years=61, uid_sources=("catalogue", "1")
    )
    hu = np.zeros((4, 16, 16), np.int16)
    grid = Grid(shape=(4, 16, 16), origin_mm=(0.0, 0.0, 50.0), spacing_mm=(2.0, 2.0, 5.0))
    root.mkdir()
    for phase in ("portal", "arterial"):
        files = [root / f"{phase}{index}" for index in range(4)]
        sources = write_series(hu, grid, person, phase, files)
    mask = np.zeros_like(hu, np.uint8)
    mask[1:3, 4:9, 4:9] = 1
    write_segmentation(mask, sources, person, "Tumor", root / "mask")
    ids = root.parent / "other_ids.csv"
    ids.write_text(f"dicom_patient_id,patient_id\n{person.hospital_id},P1\n")
    build(ids=ids)
    table = build.series.set_index("series_number")
    assert table["refers_to"].fillna("").to_dict() == {4: "", 5: "", 300: "4"}
    assert table["contrast"].to_dict() == {4: 1, 5: 1, 300: 0}
    assert table["kind"].to_dict() == {4: "ct", 5: "ct", 300: "segmentation"}
    text = build.series.to_csv() + build.files.drop(columns="location").to_csv()
    for name in (person.name.split("^")[1], person.hospital_id, person.study_date):
        assert name not in text


def test_enhanced_ct_is_described_by_its_frames(root, build):
    file = get_testdata_file("eCT_Supplemental.dcm", download=False)
    if file is None:
        pytest.skip("pydicom-data is not installed")
    root.mkdir()
    shutil.copy(file, root / "enhanced")
    build(ids=False, patients=["0010"])
    row = build.series.loc[0]
    assert row[["kind", "orientation"]].tolist() == ["ct", "axial"]
    # the frames lie at -159 and -149 mm (PlanePositionSequence)
    assert row[["slices", "slice_spacing_mm", "rows"]].tolist() == [2, 10, 512]
