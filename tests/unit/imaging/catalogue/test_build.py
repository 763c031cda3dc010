"""The catalogue: whose files an archive holds, which series, and nothing of who they are."""

import logging
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.fileset import FileSet
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RTStructureSetStorage,
    SecondaryCaptureImageStorage,
    generate_uid,
)

from taceflow.errors import InputError
from taceflow.files.tables import read_table
from taceflow.imaging.catalogue import header_reading
from taceflow.imaging.catalogue.build import build_catalogue
from taceflow.imaging.catalogue.header_reading import list_archive
from taceflow.imaging.catalogue.patient_files import patient_files
from taceflow.imaging.dicom.deidentification import scrub_description
from taceflow.imaging.dicom.locations import list_files
from taceflow.synthetic.dicom import draw_person, write_segmentation, write_series
from taceflow.synthetic.shapes import Grid

NAMES = ("KOWALSKI", "Zofia", "771234", "ACC555", "19480512", "Mercy", "Grabowski", "Nurse")
AXIAL = (1, 0, 0, 0, 1, 0)


def uid(*parts) -> str:
    return generate_uid(entropy_srcs=[str(part) for part in parts])


def dicom(file: Path, *, person="771234", study=1, number=4, index=0, syntax=None, **header):
    """Write a CT image of 8 x 10, 5 mm above the one before; `header` overrides, None deletes."""
    values = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": uid(person, study, number, index, header.get("AcquisitionNumber")),
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "StudyDate": "20130115",
        "StudyTime": "090000",
        "StudyID": "1",
        "AcquisitionTime": "093035.5",
        "Modality": "CT",
        "PatientName": "KOWALSKI^Zofia",
        "PatientID": person,
        "PatientBirthDate": "19480512",
        "AccessionNumber": "ACC555",
        "InstitutionName": "Mercy Clinic",
        "ReferringPhysicianName": "Grabowski^Jan",
        "OperatorsName": "Nurse^Ann",
        "StudyInstanceUID": uid(person, study),
        "SeriesInstanceUID": uid(person, study, number),
        "SeriesNumber": number,
        "SeriesDescription": "ART kowalski 5.0",
        "AcquisitionNumber": 1,
        "InstanceNumber": index + 1,
        "FrameOfReferenceUID": uid(person, study, "frame"),
        "ImagePositionPatient": [-10, -20, 100 + 5 * index],
        "ImageOrientationPatient": list(AXIAL),
        "PixelSpacing": [0.8, 0.7],
        "Rows": 8,
        "Columns": 10,
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
    }
    dataset = Dataset()
    for keyword, value in (values | header).items():
        if value is not None:
            setattr(dataset, keyword, value)
    if "Rows" in dataset:
        dataset.PixelData = bytes(160)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = syntax or ExplicitVRLittleEndian
    file.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(file, enforce_file_format=True)
    return file


def stack(folder: Path, count: int, prefix="IM", **header) -> list[Path]:
    start = len(list(folder.glob("*"))) if folder.exists() else 0
    return [
        dicom(folder / f"{prefix}{start + index:05d}", index=index, **header)
        for index in range(count)
    ]


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def build(root, tmp_path):
    """Build the catalogue; its counts, and both tables as attributes."""

    class Build:
        series_file = str(tmp_path / "out" / "series.tsv")
        files_file = str(tmp_path / "out" / "files.parquet")

        def __call__(self, patients=("P1", "P2"), ids=None, code="1", of=None):
            if ids is None:
                ids = tmp_path / "ids.tsv"
                if not ids.exists():
                    ids.write_text("dicom_patient_id\tpatient_id\n771234\tP1\n0042\tP2\n")
            return build_catalogue(
                root=str(of or root),
                ids=str(ids) if ids else None,
                patients=list(patients),
                code=code,
                threads=2,
                series=self.series_file,
                files=self.files_file,
            )

        @property
        def series(self):
            return read_table(self.series_file, "catalogue")

        @property
        def files(self):
            return pd.read_parquet(self.files_file)

    return Build()


def test_patients_are_told_apart_in_any_layout(root, build, caplog):
    stack(root / "mixed", 3)
    stack(root / "mixed", 2, person="0042")
    stack(root / "mixed", 4, person="999", PatientName="Stranger")
    stack(root / "deep" / "er" / "still", 2, number=5)
    (root / "readme.txt").write_text("no DICOM file")
    dicom(root / ".hidden")
    with zipfile.ZipFile(root / "cd.zip", "w") as archive:
        for index in range(3):
            file = dicom(root / "one", person="0042", number=6, index=index)
            archive.write(file, f"DATA/S1/{index}")
            file.unlink()
    with caplog.at_level(logging.INFO, "taceflow"):
        counts = build()
    assert counts == {
        "found": 15,
        "read": 15,
        "no_dicom": 1,
        "unreadable": 0,
        "strangers": 4,
        "series": 4,
    }
    table = build.series.sort_values(["patient_id", "series_number"])
    expected = [("P1", 4, 3), ("P1", 5, 2), ("P2", 4, 2), ("P2", 6, 3)]
    found = table[["patient_id", "series_number", "slices"]].itertuples(index=False, name=None)
    assert list(found) == expected
    assert "4 files of persons who are not in the table of patients (studies: 1)" in caplog.text
    assert [Path(name).name for name in patient_files(build.files_file, "P2")["images"]] == [
        *("0", "1", "2"),
        *("IM00003", "IM00004"),
    ]
    assert patient_files(build.files_file, "P1")["segmentations"] == []
    assert patient_files(build.files_file, "nobody") == {
        **{"images": [], "segmentations": []},
        **{"lost": 0, "digest": ""},
    }


def test_the_files_of_a_dicomdir_are_found_and_it_is_no_image(root, build):
    collected = FileSet()
    for file in stack(root, 3):
        collected.add(file)
    collected.write(root.parent / "cd")
    counts = build(of=root.parent / "cd")
    assert (counts["found"], counts["series"], counts["unreadable"]) == (4, 1, 0)
    assert build.series.loc[0, "files"] == 3
    assert build.files["kind"].value_counts().to_dict() == {"ct": 3, "directory": 1}


def test_what_is_listed_is_what_the_import_opens(root):
    stack(root, 2)
    with zipfile.ZipFile(root / "a.zip", "w") as archive:
        archive.write(root / "IM00000", "x/y")
    assert list(list_archive(root)["location"]) == list(list_files(root))


def test_a_row_describes_its_series(root, build):
    stack(
        root,
        6,
        ContrastBolusAgent="Iohexol",
        ContrastBolusStartTime="093000",
        syntax=DeflatedExplicitVRLittleEndian,
    )
    build()
    row = build.series.loc[0]
    assert row[["modality", "kind", "orientation"]].tolist() == ["CT", "ct", "axial"]
    assert row[["files", "slices", "rows", "columns", "contrast"]].tolist() == [6, 6, 8, 10, 1]
    assert row[["slice_spacing_mm", "pixel_spacing_mm", "delay_s"]].tolist() == [5, 0.8, 35.5]
    assert row[["acquisitions", "slice_spacing_uneven", "order_in_study"]].tolist() == [1, 0, 1]
    assert row["transfer_syntax"] == "DeflatedExplicitVRLittleEndian"
    assert row["description"] == "ART 5.0"


def test_a_missing_slice_shows_as_uneven_and_a_second_copy_changes_nothing(root, build):
    files = stack(root, 6)
    shutil.copy(files[2], root / "copy")
    build()
    assert build.series.loc[0, ["files", "slices", "slice_spacing_uneven"]].tolist() == [7, 6, 0]
    files[3].unlink()
    build()
    row = build.series.loc[0]
    assert row[["files", "slices", "slice_spacing_uneven"]].tolist() == [6, 5, 1]
    assert row["slice_spacing_mm"] == 5


def test_two_acquisitions_in_one_series_are_counted(root, build):
    stack(root, 4)
    for index in range(4):
        dicom(root / f"again{index}", index=index, SOPInstanceUID=uid("again", index))
    build()
    assert build.series.loc[0, ["slices", "acquisitions"]].tolist() == [8, 2]
    assert build.series.loc[0, "slice_spacing_mm"] == 5


def tilted(degrees: float) -> list[float]:
    angle = np.radians(degrees)
    return [1, 0, 0, 0, float(np.cos(angle)), float(np.sin(angle))]


@pytest.mark.parametrize(
    ("cosines", "name"),
    [
        (AXIAL, "axial"),
        (tilted(25), "axial"),
        (tilted(45), "oblique"),
        ((1, 0, 0, 0, 0, -1), "coronal"),
        ((0, 1, 0, 0, 0, -1), "sagittal"),
    ],
)
def test_orientations(root, build, cosines, name):
    cosines = [round(value, 12) for value in cosines]
    stack(root, 2, ImageOrientationPatient=cosines)
    build()
    assert build.series.loc[0, "orientation"] == name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (["DERIVED", "SECONDARY", "AXIAL", "CT_SOM5 MPR"], "DERIVED SECONDARY AXIAL MPR"),
        (["DERIVED", "PRIMARY", "AXIAL", "MONO_40KEV"], "DERIVED PRIMARY AXIAL MONO KEV"),
        (["ORIGINAL", "PRIMARY", "AXIAL", "KOWALSKI"], "ORIGINAL PRIMARY AXIAL"),
        ("ORIGINAL", "ORIGINAL"),
    ],
)
def test_known_words_of_the_image_type_are_kept_and_no_others(root, build, written, kept):
    stack(root, 2, ImageType=written)
    build()
    assert build.series.loc[0, "image_type"] == kept


def test_mixed_planes_have_no_spacing(root, build):
    stack(root, 2)
    stack(root, 2, ImageOrientationPatient=[1, 0, 0, 0, 0, -1], AcquisitionNumber=2)
    build()
    assert build.series.loc[0, "orientation"] == "mixed"
    assert np.isnan(build.series.loc[0, "slice_spacing_mm"])


def test_kinds(root, build):
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


def test_studies_and_series_are_ordered_by_time(root, build):
    dicom(root / "a", study=1, StudyDate="20130310", number=1)
    dicom(root / "b", study=2, StudyDate="2013.01.15", number=9, AcquisitionTime="09:31:00")
    dicom(root / "c", study=2, StudyDate="20130115", number=2, AcquisitionTime="093200")
    dicom(root / "d", study=2, StudyDate="20130115", number=3, AcquisitionTime=None)
    dicom(root / "e", study=3, StudyDate="20130310", StudyTime="080000", number=7)
    dicom(root / "f", study=4, StudyDate=None, number=8)
    build()
    table = build.series[["study", "days", "series_number", "order_in_study"]]
    assert table.fillna(-1).astype(int).to_numpy().tolist() == [
        *([1, 0, 9, 1], [1, 0, 2, 2], [1, 0, 3, 3]),
        *([2, 54, 7, 1], [3, 54, 1, 1], [4, -1, 8, 1]),
    ]


def structure_set(file, *, refers_to=None, frame=None, number=301):
    item = Dataset()
    item.FrameOfReferenceUID = frame
    if refers_to:
        study, series = Dataset(), Dataset()
        series.SeriesInstanceUID = refers_to
        study.RTReferencedSeriesSequence = [series]
        item.RTReferencedStudySequence = [study]
    classic = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "Rows", "Columns")
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


def test_an_rtstruct_refers_to_the_series_it_names_or_shares_a_frame_with(root, build):
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


def test_only_what_is_new_or_changed_is_read_again(root, build):
    first = stack(root, 5)
    with zipfile.ZipFile(root / "cd.zip", "w") as archive:
        archive.write(first[0], "one")
    stack(root, 4, person="0042", prefix="other")
    stack(root, 2, person="999", prefix="stranger")
    assert build()["read"] == 12
    before = build.series, build.files
    digests = {p: patient_files(build.files_file, p)["digest"] for p in ("P1", "P2")}
    assert build()["read"] == 0
    pd.testing.assert_frame_equal(build.series, before[0])
    pd.testing.assert_frame_equal(build.files, before[1])

    os.utime(first[0])
    with zipfile.ZipFile(root / "cd.zip", "a") as archive:
        archive.write(first[1], "two")
    first[4].unlink()
    # the changed file, the new one in the zip archive, and one that tells the patient's days
    assert build()["read"] == 3
    after = {p: patient_files(build.files_file, p)["digest"] for p in ("P1", "P2")}
    assert after["P1"] != digests["P1"]
    assert after["P2"] == digests["P2"]
    changed = build.series.set_index("patient_id")["digest"] != before[0].set_index("patient_id")[
        "digest"
    ].reindex(build.series["patient_id"])
    assert changed.to_dict() == {"P1": True, "P2": False}

    assert build(code="2")["read"] == 12


def test_a_new_patient_in_the_table_is_looked_for_among_the_strangers(root, build):
    stack(root, 3)
    stack(root, 2, person="0042", prefix="other")
    assert build(patients=["P1"])["strangers"] == 2
    counts = build(patients=["P1", "P2"])
    assert (counts["read"], counts["strangers"], counts["series"]) == (2, 0, 2)
    assert build(patients=["P2"])["strangers"] == 3


def test_a_study_found_later_may_be_the_first(root, build):
    stack(root, 2, StudyDate="20130315")
    build()
    dicom(root / "late", study=2, StudyDate="20130310", number=8)
    dicom(root / "later", study=3, StudyDate="20130401", number=9)
    assert build()["read"] == 3
    table = build.series[["study", "days", "series_number"]]
    assert table.to_numpy().tolist() == [[1, 0, 8], [2, 5, 4], [3, 22, 9]]
    assert set(build.files["study_day"]) == {0, 5, 22}


def test_several_processes_read_what_one_does(build, root, monkeypatch):
    stack(root / "a", 5)
    stack(root / "b", 4, person="0042", number=2)
    (root / "b" / "notes.txt").write_text("no DICOM")
    counts, expected, files = build(), build.series, build.files
    monkeypatch.setattr(header_reading, "FILES_A_TASK", 3)
    Path(build.files_file).unlink()
    assert build() == counts
    pd.testing.assert_frame_equal(build.series, expected)
    pd.testing.assert_frame_equal(build.files, files)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_files_without_a_preamble_are_catalogued_alike(build, root, syntax):
    files = stack(root / "a", 3, syntax=syntax)
    build()
    expected = build.series
    for file in files:
        content = file.read_bytes()
        length = int.from_bytes(content[140:144], "little")
        file.write_bytes(content[144 + length :])  # group 2 is gone as well
    build()
    pd.testing.assert_frame_equal(
        build.series.drop(columns="digest"), expected.drop(columns="digest")
    )
    (root / "a" / "notes").write_bytes(b"\x08\x00\x05\x00CS\x0a\x00" + b"no DICOM" * 3000)
    assert build()["no_dicom"] == 1


def test_damaged_files_are_counted_and_the_rest_goes_on(root, build, caplog):
    files = stack(root, 4)
    cut = files[0].read_bytes()
    files[0].write_bytes(cut[: cut.index(b"\x28\x00\x10\x00")])
    files[1].write_bytes(cut[:128] + b"DICM" + b"\xff" * 300)
    (root / "empty").touch()
    with caplog.at_level(logging.INFO, "taceflow"):
        counts = build()
    assert (counts["unreadable"], counts["no_dicom"]) == (3, 0)
    assert build.series.loc[0, "slices"] == 2
    assert "3 damaged or incomplete files" in caplog.text
    assert "IM0000" not in caplog.text


def test_lost_files_are_counted_for_the_patient_in_whose_folder_they_lie(root, build):
    """A folder whose files are all lost, and one in a folder of two patients."""
    stack(root / "a" / "ct", 3)
    stack(root / "b", 2, person="0042")
    first = stack(root / "a" / "gone", 4)
    (root / "a" / "ct" / "cut").write_bytes(first[0].read_bytes()[:100])
    before = build()
    assert before["unreadable"] == 1
    digest = patient_files(build.files_file, "P1")["digest"]
    for file in first:
        file.write_bytes(b"")
    (root / "nobodys").write_bytes(b"")
    assert build()["unreadable"] == 6
    assert patient_files(build.files_file, "P1")["lost"] == 5
    first_loss = patient_files(build.files_file, "P1")["digest"]
    (root / "a" / "ct" / "cut again").write_bytes(b"")
    build()
    again = patient_files(build.files_file, "P1")["digest"]
    # an import that says what is lost is another one when more is
    assert len({digest, first_loss, again}) == 3
    assert patient_files(build.files_file, "P2")["lost"] == 0


def test_links_are_followed_and_what_cannot_be_read_is_said(root, build, tmp_path, caplog):
    stack(tmp_path / "disk", 3)
    root.mkdir()
    (root / "S1").symlink_to(tmp_path / "disk")
    (root / "gone").symlink_to(tmp_path / "nowhere")
    build()
    assert build.series["slices"].tolist() == [3]
    assert "left out: links that lead nowhere (1)" in caplog.text


def test_a_file_that_names_no_transfer_syntax_is_catalogued(root, build):
    for file in stack(root, 3):
        content = file.read_bytes()
        at = content.index(b"\x02\x00\x10\x00UI")
        length = 8 + int.from_bytes(content[at + 6 : at + 8], "little")
        group = int.from_bytes(content[140:144], "little") - length
        content = content[:at] + content[at + length :]
        file.write_bytes(content[:140] + group.to_bytes(4, "little") + content[144:])
    build()
    assert build.series[["slices", "transfer_syntax"]].values.tolist() == [
        [3, "ExplicitVRLittleEndian"]
    ]


def test_no_damage_of_single_files_stops_the_rest(root, build):
    sound = stack(root, 3)
    header = sound[0].read_bytes()
    draw = np.random.default_rng(20)
    for index in range(400):
        damaged = bytearray(header)
        for place in draw.integers(132, len(header) - 160, draw.integers(1, 12)):
            damaged[place] = draw.integers(256)
        (root / f"damaged{index}").write_bytes(damaged)
    counts = build()
    assert counts["found"] == 403
    assert counts["unreadable"] > 10
    kept = patient_files(build.files_file, "P1")["images"]
    assert {str(file) for file in sound} <= set(kept)


def test_a_header_beyond_the_first_bytes_is_read_to_its_end(root, build):
    long = "x" * 40_000
    stack(root, 3, ImageComments=long, AdditionalPatientHistory=long)
    build()
    assert build.series.loc[0, ["slices", "slice_spacing_mm", "rows"]].tolist() == [3, 5, 8]


def test_a_damaged_zip_archive_stops_with_a_remedy_and_without_its_name(root, build):
    stack(root, 2)
    (root / "kowalski.zip").write_bytes(b"PK no archive")
    with pytest.raises(InputError, match=r"zip archive in archive\.root is damaged") as raised:
        build()
    assert "kowalski" not in str(raised.value)


def test_an_archive_of_nobody_is_an_error(root, build):
    stack(root, 2, person="1")
    with pytest.raises(
        InputError, match=r"none of 2 files .* Check archive\.root, and archive\.ids"
    ):
        build()
    with pytest.raises(InputError, match="does not exist"):
        build(of=root / "nowhere")


def test_a_table_of_ids_is_checked_without_naming_them(root, build, tmp_path):
    stack(root, 2)
    ids = tmp_path / "ids.tsv"
    ids.write_text("dicom_patient_id\tpatient_id\n771234\tP1\n771234\tP2\n")
    with pytest.raises(InputError, match="patients P1, P2 share") as raised:
        build(ids=ids)
    assert "771234" not in str(raised.value)
    ids.write_text("dicom_patient_id\tpatient_id\n771234\tP1\n0042\tP1\n")
    with pytest.raises(InputError, match="more than one row for patient_id P1") as raised:
        build(ids=ids)
    assert "0042" not in str(raised.value)


def test_ids_are_read_without_the_spaces_around_them(root, build, tmp_path):
    stack(root, 2)
    ids = tmp_path / "ids.tsv"
    ids.write_text("dicom_patient_id\tpatient_id\n 771234\tP1 \n")
    assert build(ids=ids)["series"] == 1
    ids.write_text("dicom_patient_id\tpatient_id\n771234\tP1 \n0042\tP1\n")
    with pytest.raises(InputError, match="more than one row for patient_id P1"):
        build(ids=ids)


def test_rows_of_ids_without_a_patient_are_counted_and_not_named(root, build, tmp_path, caplog):
    stack(root, 2)
    ids = tmp_path / "ids.tsv"
    ids.write_text("dicom_patient_id\tpatient_id\n771234\tP1\n0042\t880011\n0043\t880012\n")
    with caplog.at_level(logging.WARNING, "taceflow"):
        build(ids=ids)
    assert "patient_id is not in the table of patients: 2" in caplog.text
    assert not any(name in caplog.text for name in ("880011", "880012", "0042", "0043"))


def test_a_spreadsheet_of_ids(root, build, tmp_path):
    stack(root, 2)
    ids = tmp_path / "ids.xlsx"
    pd.DataFrame({"dicom_patient_id": [771234], "patient_id": ["P1"]}).to_excel(ids, index=False)
    assert build(ids=ids)["series"] == 1


def test_nothing_in_the_outputs_names_a_person(root, build, caplog):
    description = "Mercy_ART KOWALSKI-Zofia born 12.05.1948 acc555 id0771234 Dr.Grabowski 5mm"
    stack(root, 3, SeriesDescription=description)
    stack(root, 2, person="H9-4711-Q", PatientName="Grabowski^Nurse", prefix="x")
    with caplog.at_level(logging.DEBUG):
        build()
    assert build.series.loc[0, "description"] == "_ART - born Dr. 5mm"
    text = build.series.to_csv() + build.files.to_csv() + caplog.text
    text = text.replace(str(root), "").casefold()
    for name in (*NAMES, "H9-4711-Q", "20130115", uid("771234", 1), uid("771234", 1, 4)):
        assert name.casefold() not in text, name


@pytest.mark.parametrize(
    ("description", "names", "expected"),
    [
        ("phase A", ["A^B"], "phase A"),
        ("LEE arterial leeway", ["Lee^Ann"], "arterial leeway"),
        ("Kowalskis liver", ["Kowalski"], "liver"),
        ("Müller ART", ["MÜLLER^H"], "ART"),
        ("AX 2013-01-15 C+ 1234567 5.0", [], "AX C+ 5.0"),
    ],
)
def test_descriptions_are_scrubbed(description, names, expected):
    assert scrub_description(description, names) == expected
