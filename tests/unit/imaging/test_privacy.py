"""What a header, a region or a folder says of a person is found in nothing that is written."""

import gzip
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import highdicom
import numpy as np
import pandas as pd
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from taceflow.cohort.build import CohortFiles, build_cohort
from taceflow.cohort.sheets import read_cohort_tables
from taceflow.files.tables import read_table
from taceflow.imaging.dicom.phase import PhaseRules
from taceflow.imaging.import_settings import ImportSettings
from taceflow.imaging.patch import cut_patch
from taceflow.imaging.patient import import_patient
from taceflow.imaging.quality.contact_sheet import write_contact_sheet
from taceflow.imaging.quality.patient import check_quality
from taceflow.imaging.resample import resample_patient
from taceflow.log import logging_to

RTSTRUCT_STORAGE = "1.2.840.10008.5.1.4.1.1.481.3"

TEXTS = {
    "AccessionNumber": "ZQACC4711",
    "AdditionalPatientHistory": "zq history of a cousin",
    "DeviceSerialNumber": "ZQSERIAL",
    "ImageComments": "zq image comment",
    "InstitutionAddress": "1 Zq Street",
    "InstitutionName": "Zq Hospital",
    "OperatorsName": "Zqoperator^Olga",
    "OtherPatientIDs": "ZQOTHER",
    "PatientAddress": "2 Zq Street",
    "PatientComments": "zq patient comment",
    "PatientID": "ZQID0815",
    "PatientName": "Zqfamily^Zqgiven",
    "PerformedProcedureStepDescription": "zq procedure",
    "PerformingPhysicianName": "Zqphysician^Paul",
    "ProtocolName": "zq protocol",
    "ReferringPhysicianName": "Zqreferrer^Rita",
    "SeriesDescription": "arterial Zqfamily",
    "StationName": "ZQSTATION",
    "StudyDescription": "zq study",
    "StudyID": "ZQSTUDY",
}
DATES = {
    "AcquisitionDate": "20131107",
    "ContentDate": "20131106",
    "PatientBirthDate": "19470311",
    "SeriesDate": "20131105",
    "StudyDate": "20131104",
}
TIMES = {"AcquisitionTime": "101112.345", "SeriesTime": "101113.456", "StudyTime": "101114.567"}
REGION, OTHER_REGION = "Tumour of Zqfamily", "Zqregion of somebody else"
FOLDER = "ZQFOLDER"
SERIES = PhaseRules(
    phase="arterial",
    phase_patterns={"arterial": "(?i)arterial"},
    never=None,
    study="any",
    choose_by=["description"],
    timing_s={},
    order={},
)
SETTINGS = ImportSettings(
    series=SERIES,
    gantry_tilt="refuse",
    tumors="union",
    spacing_mm=[1.0, 1.0, 1.0],
    mask_interpolation="nearest",
    minimum_roi_voxels=64,
)
PREAMBLE = b"ZQPREAMBLE"
SHAPE = (20, 48, 48)
SPACING_MM = (3.0, 2.0, 2.0)


@dataclass
class Source:
    """The files of one person, and what in them must never be found again."""

    folder: Path
    planted: set[str] = field(default_factory=set)

    def uid(self) -> str:
        made = generate_uid()
        self.planted.add(made)
        return made


def tumour(shift: int = 0) -> np.ndarray:
    z, y, x = np.indices(SHAPE)
    steps = zip((z - 10, y - 24, x - 22 - shift), SPACING_MM, strict=True)
    return sum((away * gap) ** 2 for away, gap in steps) < 15**2


def ct_slices(source: Source) -> list[FileDataset]:
    """A CT whose header says everything that a header can say of a person."""
    y, x = np.indices(SHAPE[1:]) - 23.5
    plane = np.where(np.hypot(y, x) < 21, 60, -1000)
    values = np.repeat(plane[None], SHAPE[0], axis=0)
    values[tumour()] = 110
    values += np.random.default_rng(0).integers(-9, 10, SHAPE)
    study, series, frame = source.uid(), source.uid(), source.uid()
    made = []
    for index in range(SHAPE[0]):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = source.uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.SourceApplicationEntityTitle = "ZQENTITY"
        one = FileDataset(None, {}, file_meta=meta, preamble=PREAMBLE.ljust(128, b"\0"))
        for keyword, value in (TEXTS | DATES | TIMES).items():
            setattr(one, keyword, value)
        one.SOPClassUID, one.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        one.StudyInstanceUID, one.SeriesInstanceUID = study, series
        one.FrameOfReferenceUID = frame
        one.ImageType, one.Modality = ["ORIGINAL", "PRIMARY", "AXIAL"], "CT"
        one.Manufacturer, one.KVP = "SCANNERS", "120"
        one.PatientSex, one.PositionReferenceIndicator = "O", ""
        one.SeriesNumber, one.InstanceNumber, one.AcquisitionNumber = 4, index + 1, 1
        one.ImagePositionPatient = [-47, -47, -30 + SPACING_MM[0] * index]
        one.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        one.PixelSpacing, one.SliceThickness = list(SPACING_MM[1:]), SPACING_MM[0]
        one.Rows, one.Columns = SHAPE[1:]
        one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
        one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 16, 16, 15, 1
        one.RescaleSlope, one.RescaleIntercept = 1, 0
        for group, text in ((0x0011, "Zqprivate^Pia"), (0x0019, "zq private comment")):
            block = one.private_block(group, "ZQCREATOR", create=True)
            block.add_new(0x01, "LO", text)
        one.add_new(0x60000010, "US", SHAPE[1])
        one.add_new(0x60004000, "LT", "zq overlay comment")
        item = Dataset()
        item.RequestedProcedureDescription, item.RequestedProcedureID = "zq request", "ZQREQUEST"
        one.RequestAttributesSequence = [item]
        one.PixelData = values[index].astype("<i2").tobytes()
        made.append(one)
    source.planted |= {"ZQENTITY", "ZQCREATOR", "zq overlay comment", "zq private comment"}
    source.planted |= {"Zqprivate", "zq request", "ZQREQUEST"}
    return made


def write_segmentation(source: Source, slices: list[FileDataset], file: Path) -> None:
    descriptions = [
        highdicom.seg.SegmentDescription(
            segment_number=number,
            segment_label=label,
            segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
            segmented_property_type=codes.SCT.Neoplasm,
            algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.MANUAL,
            tracking_uid=source.uid(),
            tracking_id="zq tracking",
        )
        for number, label in ((1, REGION), (2, OTHER_REGION))
    ]
    segmentation = highdicom.seg.Segmentation(
        source_images=slices,
        pixel_array=np.stack([tumour(), tumour(8)], axis=-1),
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=descriptions,
        series_instance_uid=source.uid(),
        series_number=300,
        sop_instance_uid=source.uid(),
        instance_number=1,
        manufacturer="OUTLINES",
        manufacturer_model_name="Outline",
        software_versions="1",
        device_serial_number="ZQSERIAL",
        content_label="ZQLABEL",
        content_description="zq content",
        content_creator_name="Zqcreator^Reader",
        series_description="Segmentation of Zqfamily",
    )
    segmentation.save_as(file)
    source.planted |= {"ZQLABEL", "zq content", "Zqcreator", "zq tracking"}


def write_structures(source: Source, slices: list[FileDataset], file: Path) -> None:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = RTSTRUCT_STORAGE
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = source.uid()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.Modality = "RTSTRUCT"
    for keyword, value in (TEXTS | DATES).items():
        setattr(dataset, keyword, value)
    dataset.StudyInstanceUID = slices[0].StudyInstanceUID
    dataset.StructureSetLabel = "ZQSET"
    referenced = Dataset()
    referenced.FrameOfReferenceUID = slices[0].FrameOfReferenceUID
    dataset.ReferencedFrameOfReferenceSequence = [referenced]
    region = Dataset()
    region.ROINumber, region.ROIName = 1, REGION
    region.ReferencedFrameOfReferenceUID = slices[0].FrameOfReferenceUID
    region.ROIDescription = "zq region"
    dataset.StructureSetROISequence = [region]
    item = Dataset()
    item.ReferencedROINumber, item.ContourSequence = 1, []
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    for one in slices[7:14]:
        x, y, z = (float(value) for value in one.ImagePositionPatient)
        points = np.column_stack(
            [
                x + 44 + 12 * np.cos(angles),
                y + 48 + 12 * np.sin(angles),
                np.full(40, z),
            ]
        )
        contour = Dataset()
        contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", 40
        contour.ContourData = [f"{value:.3f}" for value in points.ravel()]
        item.ContourSequence.append(contour)
    dataset.ROIContourSequence = [item]
    observation = Dataset()
    observation.ObservationNumber, observation.ReferencedROINumber = 1, 1
    observation.ROIInterpreter = "Zqinterpreter^Ida"
    dataset.RTROIObservationsSequence = [observation]
    dataset.save_as(file, enforce_file_format=True)
    source.planted |= {"ZQSET", "zq region", "Zqinterpreter"}


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Source:
    """A hospital's export in a folder named after the patient, files named without a name."""
    made = Source(tmp_path_factory.mktemp("export") / FOLDER)
    (made.folder / "ct").mkdir(parents=True)
    slices = ct_slices(made)
    for index, one in enumerate(slices):
        one.save_as(made.folder / "ct" / f"i{index:03d}", enforce_file_format=True)
    write_segmentation(made, slices, made.folder / "seg.dcm")
    write_structures(made, slices, made.folder / "rs.dcm")
    made.planted |= {FOLDER, REGION, OTHER_REGION, PREAMBLE.decode()}
    made.planted |= {part for text in TEXTS.values() for part in (text, *text.split("^"))}
    # As the header has them, and as a program would print them.
    made.planted |= set(DATES.values())
    made.planted |= {f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in DATES.values()}
    made.planted |= set(TIMES.values())
    assert len(made.planted) > 70
    return made


def reading(source: Source, file: str, name: str = "reader1-1", roi: str = REGION) -> dict:
    return {"reading": name, "phase": "arterial", "mask": str(source.folder / file), "roi": roi}


def run_import(source: Source, out: Path, patient: str, **changes) -> Path:
    """Import in the way of the script, with the log in a file and what it says on the terminal."""
    arguments = {
        "scan": {"image": str(source.folder / "ct"), "series_uid": ""},
        "masks": [reading(source, "seg.dcm"), reading(source, "rs.dcm", "reader2-1")],
        "settings": SETTINGS,
        "archive": None,
        "catalogue": None,
        "on_bad_input": "exclude",
    }
    volumes = out / "volumes" / patient
    with logging_to(str(out / "logs" / f"{patient}.log")):
        candidates = str(out / "private" / f"{patient}.json")
        import_patient(
            patient=patient, volumes=str(volumes), candidates=candidates, **arguments | changes
        )
    return volumes


def plain_bytes(file: Path) -> bytes:
    """A file's content, unpacked where it is packed."""
    content = file.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        return gzip.decompress(content)
    if content.startswith(b"\x89PNG"):
        return b"".join(png_chunks(content))
    return content


def png_chunks(content: bytes) -> list[bytes]:
    """Every chunk of a PNG but the pixels, unpacked; none may hold a text."""
    chunks, place = [], 8
    while place < len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        kind = content[place + 4 : place + 8]
        body = content[place + 8 : place + 8 + length]
        assert kind not in (b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME"), kind
        chunks.append(zlib.decompress(body) if kind == b"iCCP" else body)
        place += 12 + length
    return chunks


def found_in(content: bytes, planted: set[str]) -> set[str]:
    lowered = content.lower()
    return {text for text in planted if text.lower().encode() in lowered}


def assert_nothing_found(out: Path, source: Source, capfd) -> None:
    files = [file for file in out.rglob("*") if file.is_file()]
    assert files
    leaks = {
        str(file.relative_to(out)): found_in(plain_bytes(file), source.planted) for file in files
    }
    leaks |= {f"name of {name}": found_in(name.encode(), source.planted) for name in list(leaks)}
    terminal = "".join(capfd.readouterr())
    leaks["terminal"] = found_in(terminal.encode(), source.planted)
    assert {name: texts for name, texts in leaks.items() if texts} == {}


def test_the_plants_are_found_where_they_are(source):
    """The search itself: every plant stands in the files that are read."""
    content = b"".join(plain_bytes(file) for file in source.folder.rglob("*") if file.is_file())
    printed = {text for text in source.planted if text[:4].isdigit() and text[4] == "-"}
    assert source.planted - printed - found_in(content, source.planted) == {FOLDER}


def test_an_import_and_what_follows_write_none_of_it(source, tmp_path, capfd):
    volumes = run_import(source, tmp_path, "P1")
    assert (volumes / "mask_reader2-1.nii.gz").exists()
    with logging_to(str(tmp_path / "logs" / "later.log")):
        resampled = tmp_path / "resampled" / "P1"
        resample_patient(
            volumes=str(volumes),
            resampled=str(resampled),
            spacing_mm=[1.0, 1.0, 1.0],
            mask_interpolation="nearest",
            reach=None,
        )
        check_quality(
            patient="P1",
            volumes=str(volumes),
            phase="arterial",
            picture=str(tmp_path / "qc" / "P1.png"),
            thumbnail=str(tmp_path / "qc" / "thumbnails" / "P1.png"),
            numbers=str(tmp_path / "qc" / "P1.json"),
            slices=str(tmp_path / "qc" / "slices" / "P1.js"),
        )
        cut_patch(
            ct=str(resampled / "ct.nii.gz"),
            mask=str(resampled / "mask_reader1-1.nii.gz"),
            patch=str(tmp_path / "P1.nii.gz"),
            margin_mm=2.0,
            window_hu=[-160.0, 240.0],
        )
        write_contact_sheet(
            numbers=[str(tmp_path / "qc" / "P1.json")],
            thumbnails=[str(tmp_path / "qc" / "thumbnails" / "P1.png")],
            pages=str(tmp_path / "qc" / "contact_sheet"),
            table=str(tmp_path / "cohort" / "quality.tsv"),
        )
    for file in tmp_path.rglob("*.nii.gz"):
        image = sitk.ReadImage(str(file))
        assert image.GetMetaData("descrip") == ""
        assert image.GetMetaData("aux_file") == ""
    assert_nothing_found(tmp_path, source, capfd)


def spoiled_pixels(source: Source, target: Path) -> Path:
    """A copy of the CT in which one slice has lost half of its pixels."""
    target = target / FOLDER
    target.mkdir(parents=True)
    for file in sorted((source.folder / "ct").iterdir()):
        one = pydicom.dcmread(file)
        if file.name == "i005":
            one.PixelData = one.PixelData[: len(one.PixelData) // 2]
        one.save_as(target / file.name)
    return target


def cut_file(source: Source, file: str, target: Path) -> str:
    """A copy of a mask's file whose end is missing."""
    target = target / FOLDER
    target.mkdir(parents=True)
    content = (source.folder / file).read_bytes()
    (target / file).write_bytes(content[: len(content) * 2 // 3])
    return str(target / file)


def unusable(source: Source, tmp_path: Path, what: str) -> dict:
    """Arguments under which the import cannot succeed."""
    main = reading(source, "seg.dcm")
    if what == "pixels":
        folder = spoiled_pixels(source, tmp_path)
        return {"scan": {"image": str(folder), "series_uid": ""}}
    if what == "phase":
        series = replace(SERIES, phase_patterns={"portal": "(?i)arterial"})
        return {"settings": replace(SETTINGS, series=series)}
    if what == "roi of a SEG":
        return {"masks": [main | {"roi": "Zqfamily, the tumour of"}]}
    if what == "roi of an RTSTRUCT":
        return {"masks": [reading(source, "rs.dcm") | {"roi": OTHER_REGION}]}
    if what == "several regions":
        return {"masks": [main | {"roi": ""}]}
    if what == "cut SEG":
        return {"masks": [main | {"mask": cut_file(source, "seg.dcm", tmp_path)}]}
    if what == "cut RTSTRUCT":
        return {"masks": [main | {"mask": cut_file(source, "rs.dcm", tmp_path)}]}
    if what == "a CT for a mask":
        return {"masks": [main | {"mask": str(source.folder / "ct" / "i003")}]}
    assert what == "second reader"
    return {"masks": [main, reading(source, "rs.dcm", "reader2-1", OTHER_REGION)]}


CASES = ["pixels", "phase", "roi of a SEG", "roi of an RTSTRUCT", "several regions"]
CASES += ["cut SEG", "cut RTSTRUCT", "a CT for a mask", "second reader"]


@pytest.mark.parametrize("what", CASES)
def test_what_cannot_be_used_is_refused_without_any_of_it(source, tmp_path, capfd, what):
    out = tmp_path / "out"
    volumes = run_import(source, out, "P2", **unusable(source, tmp_path / "spoiled", what))
    record = (volumes / "import.json").read_text()
    assert '"exclusion": null' not in record or what == "second reader"
    assert_nothing_found(out, source, capfd)
    # Reasons are shared with the report: no file of anybody's machine stands in them.
    assert not any(name in record for name in ("seg.dcm", "rs.dcm", "i003", "i005", str(tmp_path)))


@pytest.mark.parametrize("what", ["pixels", "roi of a SEG", "cut SEG", "cut RTSTRUCT"])
def test_a_run_that_stops_says_none_of_it_in_its_traceback(source, tmp_path, capfd, what):
    out = tmp_path / "out"
    changes = unusable(source, tmp_path / "spoiled", what)
    with pytest.raises(SystemExit):
        run_import(source, out, "P3", on_bad_input="fail", **changes)
    assert "Traceback" in (out / "logs" / "P3.log").read_text()
    assert_nothing_found(out, source, capfd)


def test_the_tables_of_the_cohort_hold_none_of_it(source, tmp_path, capfd):
    out = tmp_path / "out"
    cases = {"P1": {}}
    for number, what in enumerate(CASES[:8], start=2):
        cases[f"P{number}"] = unusable(source, tmp_path / f"spoiled{number}", what)
    volumes = [str(run_import(source, out, name, **changes)) for name, changes in cases.items()]
    ids = list(cases)
    tables = {
        "patients": {"patient_id": ids, "time_months": 3.0, "event": 1, "cohort": "training"},
        "scans": {"patient_id": ids, "phase": "arterial", "image": "ct"},
        "segmentations": {"patient_id": ids, "phase": "arterial", "reader": 1, "reading": 1}
        | {"mask": "seg.dcm"},
    }
    paths = {name: str(tmp_path / f"{name}.tsv") for name in tables}
    for name, table in tables.items():
        pd.DataFrame(table).to_csv(paths[name], sep="\t", index=False)
    names = ("members", "exclusions", "readings", "acquisition", "series", "candidates")
    with logging_to(str(out / "logs" / "cohort.log")):
        build_cohort(
            read_cohort_tables(**paths),
            volumes=volumes,
            listed=[str(out / "private" / f"{name}.json") for name in cases],
            phase="arterial",
            has_archive=False,
            on_bad_input="exclude",
            split={"seed": 1, "validation_fraction": 0.3},
            written=CohortFiles(**{name: str(out / "cohort" / f"{name}.tsv") for name in names}),
        )
    candidates = read_table(out / "cohort" / "candidates.tsv", "candidates")
    assert candidates["patient_id"].tolist() == ["P3"]
    excluded = (out / "cohort" / "exclusions.tsv").read_text()
    assert excluded.count("\n") == 9
    assert ".dcm" not in excluded
    assert_nothing_found(out, source, capfd)
