"""`taceflow init`: folders as people leave them become a workbook, or an honest note."""

import re
import shutil
import subprocess
import zipfile
from datetime import date
from unittest.mock import ANY

import pandas as pd
import pydicom
import pytest
import SimpleITK as sitk
from openpyxl import load_workbook

from taceflow.cohort.dates import FIRST, LAST
from taceflow.cohort.sheets import read_patients_sheet
from taceflow.errors import InputError
from taceflow.files.sheets.read import read_sheet
from taceflow.files.yaml_files import load_yaml
from taceflow.program.check import check_study
from taceflow.program.command import main
from taceflow.study.plan import plan_study
from taceflow.wording.counts import counted


@pytest.mark.parametrize(
    ("paths", "scans", "masks"),
    [
        (  # nnU-Net's layout: a channel behind the image's name alone
            ("imagesTr/Liver_001_0000.nii.gz", "labelsTr/Liver_001.nii.gz=mask"),
            [("001", "arterial", "imagesTr/Liver_001_0000.nii.gz")],
            [("001", "1", "1", "labelsTr/Liver_001.nii.gz")],
        ),
        (
            ("volume-0.nii", "volume-1.nii", "segmentation-0.nii=mask", "segmentation-1.nii=mask"),
            [("0", "arterial", "volume-0.nii"), ("1", "arterial", "volume-1.nii")],
            [("0", "1", "1", "segmentation-0.nii"), ("1", "1", "1", "segmentation-1.nii")],
        ),
        (  # written so in a question to PyRadiomics
            ("Converted/Case5/Case5Image.nii", "Converted/Case5/Case5lable.nii=mask"),
            [("Case5", "arterial", "Converted/Case5/Case5Image.nii")],
            [("Case5", "1", "1", "Converted/Case5/Case5lable.nii")],
        ),
        (
            ("train/p01/p01.nii.gz", "train/p01/GT.nii.gz=mask", "test/p02/p02.nii.gz"),
            [
                ("p01", "arterial", "train/p01/p01.nii.gz"),
                ("p02", "arterial", "test/p02/p02.nii.gz"),
            ],
            [("p01", "1", "1", "train/p01/GT.nii.gz")],
        ),
        (
            ("CT images/A 1.nrrd", "CT images/A 2.nrrd", "true masks/a1.nrrd=mask"),
            [("A_1", "arterial", "CT images/A 1.nrrd"), ("A_2", "arterial", "CT images/A 2.nrrd")],
            [("A_1", "1", "1", "true masks/a1.nrrd")],
        ),
        (
            ("P7/CT.nii.gz", "P7/Segmentation.seg.nrrd=mask"),
            [("P7", "arterial", "P7/CT.nii.gz")],
            [("P7", "1", "1", "P7/Segmentation.seg.nrrd")],
        ),
        (  # a patient's folder called as if it held scans alone, as in the phantoms of IBSI
            (
                *("ct_ph/image/ph.nii", "ct_ph/mask/mask.nii=mask"),
                *("dig_ph/image/ph.nii", "dig_ph/mask/mask.nii=mask"),
            ),
            [
                ("dig_ph", "arterial", "dig_ph/image/ph.nii"),
                ("ph", "arterial", "ct_ph/image/ph.nii"),
            ],
            [
                ("dig_ph", "1", "1", "dig_ph/mask/mask.nii"),
                ("ph", "1", "1", "ct_ph/mask/mask.nii"),
            ],
        ),
        (  # a scan called after an organ, as in a public set of 325 livers
            ("Sample-001/Liver.nii", "Sample-001/Liver-mask.nii=mask"),
            [("Sample-001", "arterial", "Sample-001/Liver.nii")],
            [("Sample-001", "1", "1", "Sample-001/Liver-mask.nii")],
        ),
        (  # as med-imagetools writes them: a folder called after both
            (
                "LUNG1-001_0001/CT_82046024/CT.nii",
                "LUNG1-001_0001/RTSTRUCT_CT-82046024/GTV__[GTV-1].nii=mask",
            ),
            [("LUNG1-001_0001", "arterial", "LUNG1-001_0001/CT_82046024/CT.nii")],
            [
                (
                    "LUNG1-001_0001",
                    "1",
                    "1",
                    "LUNG1-001_0001/RTSTRUCT_CT-82046024/GTV__[GTV-1].nii",
                )
            ],
        ),
        (
            ("imagesTr/im0.nii", "labelsTr/lb0.nii=mask", "imagesTr/im1.nii"),
            [("0", "arterial", "imagesTr/im0.nii"), ("1", "arterial", "imagesTr/im1.nii")],
            [("0", "1", "1", "labelsTr/lb0.nii")],
        ),
        (  # two channels of nnU-Net are one patient's, of whatever phases
            ("Tr/hcc_001_0000.nii", "Tr/hcc_001_0001.nii", "labelsTr/hcc_001.nii=mask"),
            [],
            [("hcc_001", "1", "1", "labelsTr/hcc_001.nii")],
        ),
        (  # readers' folders, of which one holds the scans too
            (
                *("R1/P01/AP.nii", "R1/P01/AP_ROI.nii=mask", "R2/P01/AP_ROI.nii=mask"),
                *("R1/P02/AP.nii", "R1/P02/AP_ROI.nii=mask"),
            ),
            [("P01", "arterial", "R1/P01/AP.nii"), ("P02", "arterial", "R1/P02/AP.nii")],
            [
                ("P01", "1", "1", "R1/P01/AP_ROI.nii"),
                ("P01", "2", "1", "R2/P01/AP_ROI.nii"),
                ("P02", "1", "1", "R1/P02/AP_ROI.nii"),
            ],
        ),
        (
            (
                *("liver_001/ct.nii", "liver_001/mask.nii=mask"),
                *("liver_002/ct.nii", "liver_002/mask.nii=mask", "liver_003/ct.nii"),
            ),
            [(f"liver_00{n}", "arterial", f"liver_00{n}/ct.nii") for n in (1, 2, 3)],
            [(f"liver_00{n}", "1", "1", f"liver_00{n}/mask.nii") for n in (1, 2)],
        ),
        (  # joined by their number
            ("PANCREAS_0001/ct.nii", "PANCREAS_0002/ct.nii", "labels/label0001.nii=mask"),
            [(f"PANCREAS_000{n}", "arterial", f"PANCREAS_000{n}/ct.nii") for n in (1, 2)],
            [("PANCREAS_0001", "1", "1", "labels/label0001.nii")],
        ),
        (  # what is called a tumour among images may be a scan
            ("images/tumor_001.nii", "labels/tumor_001.nii=mask"),
            [("001", "arterial", "images/tumor_001.nii")],
            [("001", "1", "1", "labels/tumor_001.nii")],
        ),
        (  # initials, and no disc
            ("AB_1950/art.nii", "CD_1961/art.nii", "CD_1961/roi.nii=mask"),
            [
                ("AB_1950", "arterial", "AB_1950/art.nii"),
                ("CD_1961", "arterial", "CD_1961/art.nii"),
            ],
            [("CD_1961", "1", "1", "CD_1961/roi.nii")],
        ),
        (  # LiTS as it is downloaded
            ("Training Batch 1/volume-0.nii", "Training Batch 2/volume-28.nii"),
            [
                ("0", "arterial", "Training Batch 1/volume-0.nii"),
                ("28", "arterial", "Training Batch 2/volume-28.nii"),
            ],
            [],
        ),
        (  # readers in numbers, and a repeat
            ("P1.nii", "P1_mask_R1.nii=mask", "P1_mask_R2.nii=mask", "P1_mask_R1_repeat.nii=mask"),
            [("P1", "arterial", "P1.nii")],
            [
                ("P1", "1", "1", "P1_mask_R1.nii"),
                ("P1", "1", "2", "P1_mask_R1_repeat.nii"),
                ("P1", "2", "1", "P1_mask_R2.nii"),
            ],
        ),
        (
            ("Reader 1/P1 mask.nii=mask", "second reader/P1 mask.nii=mask", "CT/P1.nii"),
            [("P1", "arterial", "CT/P1.nii")],
            [
                ("P1", "1", "1", "Reader 1/P1 mask.nii"),
                ("P1", "2", "1", "second reader/P1 mask.nii"),
            ],
        ),
        (
            ("P1/arterial.nii", "P1/portal venous.nii", "P1/arterial mask.nii=mask"),
            [("P1", "arterial", "P1/arterial.nii"), ("P1", "portal", "P1/portal venous.nii")],
            [("P1", "1", "1", "P1/arterial mask.nii")],
        ),
        (  # no name tells: what the files hold does
            ("P1/a.nii", "P1/b.nii=mask", "P2/a.nii", "P2/b.nii=mask"),
            [("P1", "arterial", "P1/a.nii"), ("P2", "arterial", "P2/a.nii")],
            [("P1", "1", "1", "P1/b.nii"), ("P2", "1", "1", "P2/b.nii")],
        ),
        (
            ("Zürich/Müller 3/ct.nii", "Zürich/Müller 3/Maske.nii=mask", "Zürich/4/ct.nii"),
            [
                ("4", "arterial", "Zürich/4/ct.nii"),
                ("Mueller_3", "arterial", "Zürich/Müller 3/ct.nii"),
            ],
            [("Mueller_3", "1", "1", "Zürich/Müller 3/Maske.nii")],
        ),
        (
            ("CT/P1.nii", "CT/P2.nii", "Kim/P1.nii=mask", "Kim/P2.nii=mask", "Weber/P1.nii=mask"),
            [("P1", "arterial", "CT/P1.nii"), ("P2", "arterial", "CT/P2.nii")],
            [
                ("P1", "1", "1", "Kim/P1.nii"),
                ("P1", "2", "1", "Weber/P1.nii"),
                ("P2", "1", "1", "Kim/P2.nii"),
            ],
        ),
        (  # a mask a phase: the wanted phase's
            ("P1/art.nii", "P1/pv.nii", "P1/pv_seg.nii=mask", "P1/art_seg.nii=mask"),
            [("P1", "arterial", "P1/art.nii"), ("P1", "portal", "P1/pv.nii")],
            [("P1", "1", "1", "P1/art_seg.nii")],
        ),
        (  # a mask a segment, as an extension of 3D Slicer writes them
            ("P1/CT.nii", "P1/Seg---Liver.nii=mask", "P1/Seg---Tumor.nii=mask"),
            [("P1", "arterial", "P1/CT.nii")],
            [("P1", "1", "1", "P1/Seg---Tumor.nii")],
        ),
        (
            ("P1/ct.nii", "P1/mask - Kopie.nii=mask", "P1/mask.nii=mask", "P2/ct.nii"),
            [("P1", "arterial", "P1/ct.nii"), ("P2", "arterial", "P2/ct.nii")],
            [("P1", "1", "1", "P1/mask.nii")],
        ),
        (  # zeros on one side
            ("1.nii", "01_mask.nii=mask", "10.nii", "010 mask.nii=mask"),
            [("1", "arterial", "1.nii"), ("10", "arterial", "10.nii")],
            [("1", "1", "1", "01_mask.nii"), ("10", "1", "1", "010 mask.nii")],
        ),
        (
            (
                "sub-01/ses-01/anat/sub-01_ses-01_acq-arterial_ct.nii",
                "derivatives/masks/sub-01/ses-01/sub-01_ses-01_label-tumor_mask.nii=mask",
            ),
            [("sub-01", "arterial", "sub-01/ses-01/anat/sub-01_ses-01_acq-arterial_ct.nii")],
            [
                (
                    "sub-01",
                    "1",
                    "1",
                    "derivatives/masks/sub-01/ses-01/sub-01_ses-01_label-tumor_mask.nii",
                )
            ],
        ),
        (
            ("one.nii",),
            [("one", "arterial", "one.nii")],
            [],
        ),
    ],
)
def test_scans_and_masks_are_paired_by_their_names(images, begun, paths, scans, masks):
    study = begun(images(*paths))
    assert study.scans() == scans
    assert study.masks() == masks
    assert f"{counted(len(scans), 'scan')}, {counted(len(masks), 'mask')}" in study.told


def test_readers_called_by_name_are_numbered_and_it_is_said(images, begun):
    study = begun(
        images(
            *("P1.nii", "P1_kim_mask.nii=mask", "P1_weber_mask.nii=mask"),
            *("P2.nii", "P2_kim_mask.nii=mask", "P2_weber_mask.nii=mask"),
            *("P3.nii", "P3_weber_mask.nii=mask"),
        )
    )
    assert study.masks("notes") == [
        ("P1", "1", "1", "P1_weber_mask.nii", "reader 1 is taken to be 'weber'"),
        ("P1", "2", "1", "P1_kim_mask.nii", "reader 2 is taken to be 'kim'"),
        ("P2", "1", "1", "P2_weber_mask.nii", "reader 1 is taken to be 'weber'"),
        ("P2", "2", "1", "P2_kim_mask.nii", "reader 2 is taken to be 'kim'"),
        ("P3", "1", "1", "P3_weber_mask.nii", "reader 1 is taken to be 'weber'"),
    ]


def test_a_folder_called_after_the_reader_holds_the_second_reader_s_masks(
    tmp_path, dicom, structures, images, begun
):
    for person in ("P1", "P2", "P3"):
        dicom(tmp_path / "in" / person / "CT", person=person)
        structures(tmp_path / "in" / person / "RS.dcm", ["GTV"], person=person)
    images("Dr. Lindner/P1.nii=mask")
    structures(tmp_path / "in" / "Dr. Lindner" / "P2" / "RS.dcm", ["GTV"], person="P2")
    assert begun(tmp_path / "in").masks("notes") == [
        ("P1", "1", "1", "P1/RS.dcm", ""),
        ("P1", "2", "1", "Dr. Lindner/P1.nii", ANY),
        ("P2", "1", "1", "P2/RS.dcm", ""),
        ("P2", "2", "1", "Dr. Lindner/P2/RS.dcm", "reader 2 is taken to be 'dr lindner'"),
        ("P3", "1", "1", "P3/RS.dcm", ""),
    ]


@pytest.mark.parametrize(
    "copy", ["RS - Kopie.dcm", "Copy of RS.dcm", "RS(1).dcm", "export2/RS.dcm"]
)
def test_a_mask_that_was_exported_twice_is_one_mask(tmp_path, dicom, structures, begun, copy):
    for person in ("P1", "P2"):
        folder = tmp_path / "in" / person
        dicom(folder / "CT", person=person)
        file = structures(folder / "RS.dcm", ["GTV"], person=person)
        (folder / copy).parent.mkdir(exist_ok=True)
        shutil.copy(file, folder / copy)
    study = begun(tmp_path / "in")
    assert study.masks() == [("P1", "1", "1", "P1/RS.dcm"), ("P2", "1", "1", "P2/RS.dcm")]
    for patient, note in study.notes.items():
        folder = tmp_path / "in" / patient
        assert note == f"left out: '{folder / copy}', a copy of '{folder / 'RS.dcm'}'"


def test_a_copied_label_image_is_no_second_reader_s(images, begun):
    files = [f"{one}{name}" for one in ("P1", "P2") for name in (".nii", "_mask.nii=mask")]
    study = begun(images(*files, *(f"{one}_mask - Kopie.nii=mask" for one in ("P1", "P2"))))
    assert study.masks() == [(one, "1", "1", f"{one}_mask.nii") for one in ("P1", "P2")]


def test_what_cannot_be_known_is_a_note(images, begun):
    study = begun(
        images(
            *("P1/thick.nii", "P1/thin.nii", "P1/mask.nii=mask"),
            *("P2/ct.nii", "P2/tumor1.nii=mask", "P2/tumor2.nii=mask"),
            *("P3/ct.nii", "P3/liver mask.nii=mask"),
            *("P4/mask.nii=mask", "P{5}/ct.nii"),
            *("P6/arterial a.nii", "P6/arterial b.nii"),
        )
    )
    notes = study.notes
    assert re.search(r"of which phase\? '\S+/P1/thick.nii', '\S+/P1/thin.nii'", notes["P1"])
    assert "tumor2.nii', a second mask of reader 1, reading 1" in notes["P2"]
    assert "called after an organ and left out: 'liver mask.nii'" in notes["P3"]
    assert "no mask was found" in notes["P3"]
    assert "no scan was found" in notes["P4"]
    assert "2 scans are called arterial: " in notes["P6"]
    assert [row[:2] for row in study.scans()] == [
        ("P2", "arterial"),
        ("P3", "arterial"),
        ("P_5", "arterial"),
    ]
    assert "has a brace" in study.scans("notes")[2][3]


def test_a_damaged_image_costs_the_others_nothing(images, begun):
    root = images("P1/ct.nii", "P2/ct.nii")
    (root / "P1" / "unclear.nii.gz").write_bytes(b"no image")
    study = begun(root)
    assert len(study.scans()) == 2
    assert "'unclear.nii.gz' cannot be read as an image" in study.notes["P1"]


def test_a_folder_s_phase_goes_before_the_one_that_is_wanted(tmp_path, dicom, begun):
    """No description, but the folders say it: a portal scan is no arterial one."""
    dicom(tmp_path / "in" / "004_spätarteriell" / "DICOM" / "ST0", SeriesDescription="")
    dicom(tmp_path / "in" / "Jürgen" / "portalvenös", person="H2", SeriesDescription="")
    study = begun(tmp_path / "in")
    assert [row[:2] for row in study.scans()] == [("004", "arterial"), ("Juergen", "portal")]
    notes = study.sheets["patients"].set_index("patient_id")["notes"]
    assert notes["Juergen"].startswith("no arterial scan: the only one lies in a folder of portal")


def test_dicom_of_several_persons_in_one_folder_gets_ids_of_its_own(tmp_path, dicom, begun):
    for place, person in enumerate(("771234", "771235", "771236")):
        dicom(tmp_path / "in" / "DICOM", person=person, name="IM{:06d}", first=10 * place)
    study = begun(tmp_path / "in")
    assert study.ids == ["P001", "P002", "P003"]
    assert {row[2] for row in study.scans()} == {"DICOM"}
    assert len({row[3] for row in study.scans("series_uid")}) == 3
    assert all(
        "no folder or file is called after the patient" in one for one in study.notes.values()
    )
    text = study.sheets["patients"].to_string() + study.sheets["scans"].to_string()
    assert "77123" not in text


def test_what_a_header_says_of_a_person_is_no_id(tmp_path, dicom, begun):
    known = {"PatientName": "KOWALSKI^Zofia", "PatientBirthDate": "19480512"}
    dicom(tmp_path / "in" / "Kowalski Z" / "ct", person="771234", **known)
    dicom(tmp_path / "in" / "771235", person="771235", **(known | {"PatientName": "Li^An"}))
    dicom(tmp_path / "in" / "HCC-3", person="771236", **(known | {"PatientName": "An^Hcck"}))
    # made anonymous: name and number are the study's own
    dicom(tmp_path / "in" / "HCC-4", person="HCC-4", PatientName="HCC-4")
    dicom(tmp_path / "in" / "STD_5", person="5", PatientName="STD", PatientIdentityRemoved="YES")
    study = begun(tmp_path / "in")
    assert study.ids == ["HCC-3", "HCC-4", "P001", "P002", "STD_5"]
    assert all("rename it" in study.notes[one] for one in ("P001", "P002"))
    assert study.notes["HCC-4"] == "no mask was found"


@pytest.mark.parametrize("below", ["in", "in/P1"])
def test_series_of_one_study_are_one_patient(tmp_path, dicom, begun, below):
    for number in (3, 4):
        dicom(tmp_path / "in" / "P1" / f"S{number}", number=number)
    assert begun(tmp_path / below).ids == ["P1"]


def test_folders_that_share_a_number_but_no_study_are_patients(tmp_path, dicom, begun):
    for number in (3, 4):
        dicom(
            tmp_path / "in" / "all" / f"S{number}", person="ANON", StudyInstanceUID=f"1.2.{number}"
        )
    assert begun(tmp_path / "in").ids == ["S3", "S4"]


def test_hospitals_with_patients_of_one_name_are_told_apart(tmp_path, dicom, begun):
    for number, (site, case) in enumerate([("A", 1), ("A", 2), ("B", 1), ("B", 2)]):
        dicom(tmp_path / "in" / f"Site {site}" / f"case {case}" / "S3", person=f"H{number}")
    study = begun(tmp_path / "in")
    assert study.ids == [f"Site_{site}_case_{case}" for site in "AB" for case in (1, 2)]


def test_several_studies_of_a_patient_stay_one_patient(tmp_path, dicom, begun):
    for number, day in enumerate(("2013-01-15", "2013-03-02"), start=3):
        folder = tmp_path / "in" / "P1" / day / "389859405"
        dicom(
            folder,
            number=number,
            StudyInstanceUID=f"1.2.3.{number}",
            StudyDate=day.replace("-", ""),
        )
    dicom(tmp_path / "in" / "P2" / "2013-01-15" / "S3", person="H2")
    study = begun(tmp_path / "in")
    assert study.ids == ["P1", "P2"]
    assert "2 series may be the arterial phase" in study.notes["P1"]
    assert "study 1, number 3 of 5 slices, study 2, number 4 of 5 slices" in study.notes["P1"]


@pytest.mark.parametrize(
    ("of_masks", "description", "marked"),
    [
        ((3,), "ARTERIAL", ["x", ""]),
        ((4, 4), "ARTERIAL", ["", "x"]),
        ((3, 4), "ARTERIAL", ["", ""]),
        ((9,), "ARTERIAL", ["", ""]),
        ((3,), "PORTAL", ["", ""]),
    ],
)
def test_the_series_that_a_mask_names_is_marked_among_those_to_choose_from(
    tmp_path, dicom, structures, begun, of_masks, description, marked
):
    for number in (3, 4):
        folder = tmp_path / "in" / "P1" / f"S{number}"
        dicom(folder, number=number, SeriesDescription=description)
    for place, number in enumerate(of_masks, start=1):
        structures(tmp_path / "in" / "P1" / f"R{place}.dcm", ["GTV"], number=number)
    study = begun(tmp_path / "in")
    assert study.sheets["choices"]["use"].fillna("").tolist() == marked
    told = "the series is marked that the mask names: look" if any(marked) else "mark one series"
    note = next(row[3] for row in study.scans("notes") if row[1] == "arterial")
    assert told in note


def test_series_to_choose_from_are_a_sheet_that_the_workflow_takes(tmp_path, dicom, begun):
    for number in (3, 4):
        dicom(tmp_path / "in" / "P1" / f"S{number}", number=number)
        dicom(
            tmp_path / "in" / "P2" / f"S{number}",
            number=number + 4,
            person="H2",
            SeriesDescription=("ARTERIAL", "PORTAL")[number - 3],
        )
    (tmp_path / "in" / "P1" / "mask.nii").write_text("")
    study = begun(tmp_path / "in")
    assert study.scans("notes") == [
        ("P1", "arterial", "P1", "mark one series in the sheet choices"),
        ("P2", "arterial", "P2/S3", ""),
        ("P2", "portal", "P2/S4", ""),
    ]
    choices = study.sheets["choices"]
    assert choices["patient_id"].tolist() == ["P1", "P1"]
    book = load_workbook(study.workbook)
    for row in (2, 3):
        book["patients"].cell(row, 3).value = "2020-01-01"
        book["patients"].cell(row, 4).value = "2021-01-01"
        book["patients"].cell(
            row, [cell.value for cell in book["patients"][1]].index("event") + 1
        ).value = 1
    book["choices"]["B3"] = "x"
    book.save(study.workbook)
    plan = plan_study(load_yaml("my_study.yaml"), ["my_study.yaml"])
    assert plan.index.scans["P1"]["series_uid"] == choices["series_uid"][1]


def test_regions_of_a_dicom_mask_are_told_and_the_tumor_is_taken(
    tmp_path, dicom, structures, begun
):
    for place, names in enumerate((["GTV"], ["Liver", "HCC 1"], ["Liver", "a", "b"]), start=1):
        folder, person = tmp_path / "in" / f"P{place}", f"H{place}"
        dicom(folder / "ct", person=person)
        structures(folder / "RS.dcm", names, person=person)
    study = begun(tmp_path / "in")
    rows = study.masks("roi", "notes")
    assert [row[4] for row in rows] == ["", "2", ""]
    assert rows[1][5] == "region 2 by its name, of: 1 Liver, 2 HCC 1"
    assert rows[2][5] == "which region, or several as 1;2? It holds: 1 Liver, 2 a, 3 b"


def test_nothing_of_a_header_that_names_a_person_is_written(
    tmp_path, dicom, structures, begun, capsys
):
    names = {"PatientName": "KOWALSKI^Zofia", "AccessionNumber": "ACC555"}
    names |= {"PatientBirthDate": "19480512", "InstitutionName": "Mercy Clinic"}
    told = names | {"SeriesDescription": "ART kowalski 771234 12.05.1948"}
    folder = tmp_path / "in" / "HCC-3"
    for number in (3, 4):
        dicom(folder / f"S{number}", person="771234", number=number, **told)
    structures(folder / "RS.dcm", ["Kowalski liver", "Tumor Zofia", "c"], person="771234", **names)
    study = begun(folder)
    assert study.ids == ["HCC-3"]
    assert len(study.sheets["choices"]) == 2
    with zipfile.ZipFile(study.workbook) as parts:
        text = b"".join(parts.read(one) for one in parts.namelist()).decode().lower()
    text += study.told.lower() + "".join(capsys.readouterr()).lower()
    for word in ("kowalski", "zofia", "771234", "acc555", "1948", "mercy", "2013"):
        assert word not in text, word


def test_labels_of_an_image_are_told(images, begun):
    root = images("P1.nii", "P1_mask.nii=mask", "P2.nii", "P2_mask.nii=mask", "P3.nii")
    mask = sitk.ReadImage(str(root / "P2_mask.nii"))
    mask[0, 0, 0] = 2
    sitk.WriteImage(mask, str(root / "P2_mask.nii"))
    sitk.WriteImage(mask * 0, str(root / "P3_mask.nii"))
    assert [row[4] for row in begun(root).masks("notes")] == [
        "",
        "which region, or several as 1;2? It holds: 1, 2",
        "the mask is empty",
    ]


def test_a_mask_of_another_series_is_noted(tmp_path, dicom, structures, begun):
    dicom(tmp_path / "in" / "P1" / "ct")
    structures(tmp_path / "in" / "P1" / "RS.dcm", ["GTV"], number=9)
    assert "names another series" in begun(tmp_path / "in").masks("notes")[0][4]


def test_a_zip_archive_is_read_where_it_lies(tmp_path, dicom, structures, begun):
    for person in ("H1", "H2"):
        dicom(tmp_path / "raw" / person / "S3", person=person)
        structures(tmp_path / "raw" / person / "RS.dcm", ["GTV"], person=person)
    (tmp_path / "in").mkdir()
    shutil.make_archive(str(tmp_path / "in" / "export"), "zip", tmp_path / "raw")
    study = begun(tmp_path / "in" / "export.zip")
    assert [row[:3] for row in study.scans()] == [
        ("H1", "arterial", "export.zip"),
        ("H2", "arterial", "export.zip"),
    ]
    assert study.masks()[0] == ("H1", "1", "1", "export.zip::H1/RS.dcm")
    assert all("unpacked it is faster" in row[3] for row in study.scans("notes"))


def test_a_damaged_zip_archive_is_one_message(tmp_path, begun):
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(InputError, match="zip"):
        begun(tmp_path)


def test_an_archive_of_nifti_files_is_read_where_it_lies(tmp_path, images, begun):
    root = images("P1/ct.nii.gz", "P1/mask.nii=mask", "P2/a.nii", "P2/b.nii=mask", "P3/ct.mhd")
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for file in sorted(root.rglob("*.*")):
            archive.write(file, file.relative_to(root))
    shutil.rmtree(root)
    study = begun(tmp_path / "export.zip")
    place = f"{tmp_path}/export.zip::"
    assert study.scans() == [
        ("P1", "arterial", f"{place}P1/ct.nii.gz"),
        ("P2", "arterial", f"{place}P2/a.nii"),
    ]
    assert study.masks("notes") == [
        ("P1", "1", "1", f"{place}P1/mask.nii", ""),
        ("P2", "1", "1", f"{place}P2/b.nii", ""),
    ]
    assert "'ct.mhd' has its values in another file of the archive: unpack it" in study.notes["P3"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda mask: sitk.DICOMOrient(mask, "RAS"), ""),
        (lambda mask: sitk.DICOMOrient(mask, "SPL"), ""),
        (lambda mask: moved(mask, origin=(0, 0, 900)), "it covers no voxel of the scan: drawn"),
        (lambda mask: moved(mask, origin=(0, 0, 1)), "elsewhere by up to 1.0 of them"),
        (lambda mask: moved(mask, spacing=(1, 1, 1.5)), "elsewhere by up to 1.8 of them"),
        (
            lambda mask: mask[1:, :, :],
            "on another grid, 5 x 6 x 4 voxels of 1 x 1 x 1 mm, than the scan, 6 x 6 x 4 voxels of "
            "1 x 1 x 1 mm",
        ),
    ],
)
def test_a_mask_on_another_grid_than_its_scan_is_noted(images, begun, change, words):
    root = images("P1.nii", "P1_mask.nii=mask")
    sitk.WriteImage(change(sitk.ReadImage(str(root / "P1_mask.nii"))), str(root / "P1_mask.nii"))
    (found,) = begun(root).masks("notes")
    assert words in found[4]
    assert bool(words) == bool(found[4])


def moved(mask, *, origin=(0, 0, 0), spacing=(1, 1, 1)):
    mask.SetOrigin(origin)
    mask.SetSpacing(spacing)
    return mask


def test_a_mask_of_a_dicom_series_is_compared_with_its_slices(tmp_path, dicom, begun):
    for number, count in enumerate((5, 4)):
        folder = tmp_path / "in" / f"P{number}"
        dicom(folder / "ct", person=f"H{number}")
        mask = sitk.Image(8, 8, count, sitk.sitkUInt8)
        mask.SetSpacing((0.8, 0.8, 5))
        mask[3, 3, 2] = 1
        sitk.WriteImage(mask, str(folder / "mask.nii"))
    notes = [row[4] for row in begun(tmp_path / "in").masks("notes")]
    assert notes[0] == ""
    assert notes[1] == (
        "on another grid, 8 x 8 x 4 voxels of 0.8 x 0.8 x 5 mm, than the scan, 8 x 8 x 5 voxels of "
        "0.8 x 0.8 x 5 mm"
    )


def test_the_grid_tells_on_which_phase_a_mask_was_drawn(images, begun):
    root = images("P1/art.nii", "P1/pv.nii", "P1/mask.nii=mask")
    for name in ("pv", "mask"):
        sitk.WriteImage(
            sitk.ReadImage(str(root / "P1" / f"{name}.nii"))[:, :, 1:],
            str(root / "P1" / f"{name}.nii"),
        )
    assert begun(root).masks("phase", "notes")[0][4:] == (
        "portal",
        "portal: by its grid, which no other scan has",
    )


def test_lists_to_choose_from_and_what_columns_mean(images, begun):
    study = begun(images("P1.nii", "P1_mask.nii=mask"))
    book = load_workbook(study.workbook)
    lists = {one.formula1 for one in book["patients"].data_validations.dataValidation}
    assert {'"training,validation,external"', '"female,male"', '"0,1"'} <= lists
    phases = '"unenhanced,arterial,portal,delayed"'
    for name in ("scans", "segmentations"):
        (found,) = book[name].data_validations.dataValidation
        assert found.formula1 == phases
    heads = {cell.value: cell for cell in book["patients"][1]}
    assert "no result holds it" in heads[FIRST].comment.text
    assert list(heads)[:4] == ["patient_id", "cohort", FIRST, LAST]
    assert list(heads)[-1] == "notes"
    assert not {"albi_score", "hap_score"} & set(heads)


@pytest.mark.parametrize("way", [["xlsx"], ["ods", "xlsx"]])
def test_a_workbook_that_libreoffice_saved_says_the_same(tmp_path, images, begun, way, monkeypatch):
    """Dates, ids with zeros, truth values, percentages, formulas, and lists to choose from."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not there")
    study = begun(images("001.nii", "001_mask.nii=mask", "002.nii", "002_mask.nii=mask"))
    book = load_workbook(study.workbook)
    sheet = book["patients"]
    places = {cell.value: cell.column for cell in sheet[1]}
    values = {
        FIRST: date(2018, 1, 3),
        LAST: date(2019, 1, 3),
        "event": True,
        "albumin_g_l": "=38+1/10",
        "sex": "female",
        "notes": "Ä «ja»",
    }
    for row in (2, 3):
        for name, value in values.items():
            sheet.cell(row, places[name]).value = value
        sheet.cell(row, len(places) + 1).value = 0.25
        sheet.cell(row, len(places) + 1).number_format = "0%"
    sheet.cell(1, len(places) + 1).value = "necrosis"
    book.save(study.workbook)
    monkeypatch.setenv("HOME", str(tmp_path))
    file, rows = study.workbook, book["patients"].max_row
    for place, ending in enumerate(way):
        told = ["soffice", "--headless", "--convert-to", ending, "--outdir", f"saved{place}", file]
        subprocess.run(told, capture_output=True, check=False)
        file = tmp_path / f"saved{place}" / f"my_study.{ending}"
        if not file.exists():
            pytest.skip("LibreOffice has no Calc")
    read = read_patients_sheet(str(file))
    assert read["patient_id"].tolist() == ["001", "002"]
    assert read["time_months"].tolist() == pytest.approx([365 / 30.4375] * 2)
    found = read.loc[2, ["event", "albumin_g_l", "sex", "necrosis"]].tolist()
    assert found == [1, pytest.approx(38.1), "female", 0.25]
    assert len(read) == rows - 1
    for name in ("scans", "segmentations"):
        pd.testing.assert_frame_equal(read_sheet(file, name), read_sheet(study.workbook, name))
    lists = load_workbook(file)["patients"].data_validations.dataValidation
    assert {'"training,validation,external"', '"0,1"'} <= {one.formula1 for one in lists}


def test_cohorts_that_folders_name_are_filled_in(images, begun):
    study = begun(images("train/P1.nii", "validation/P2.nii", "external/P3.nii"))
    assert study.sheets["patients"]["cohort"].tolist() == ["training", "validation", "external"]


def test_nothing_is_written_over_and_nothing_is_begun_from_nothing(
    tmp_path, images, monkeypatch, capsys
):
    root = images("P1.nii")
    monkeypatch.chdir(tmp_path)
    assert main(["init", str(root)]) == 0
    before = (tmp_path / "my_study.xlsx").read_bytes()
    assert main(["init", str(root)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "my_study.xlsx").read_bytes() == before
    assert main(["init", str(root), "--name", "other.yaml"]) == 0
    assert (tmp_path / "other.xlsx").exists()
    # a name below what is no folder: the system's own refusal, without a traceback
    assert main(["init", str(root), "--name", "my_study.xlsx/x"]) == 1
    assert "See that you may read and write there" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    for folder, words in (
        ("empty", "nothing in it is a CT or a mask"),
        ("nowhere", "no such folder"),
        (r"C:\scans", "a path of Windows"),
    ):
        assert main(["init", folder, "--name", "x"]) == 1
        assert words in capsys.readouterr().err
    assert main(["init", str(root), "--name", "my study"]) == 1
    assert "letters, digits" in capsys.readouterr().err
    assert not (tmp_path / "x.yaml").exists()


def test_real_patients_under_messy_names_can_be_run_once_the_follow_up_is_filled_in(
    tmp_path, shared_data, begun
):
    """Twelve sarcoma patients: spaces, umlauts, dates, masks in another folder."""
    sts = shared_data / "sts"
    sheet = pd.read_csv(sts / "patients.tsv", sep="\t")
    names = ["Patient 1", "Müller 3", "Pat. 4 (neu)", "p05", "P-06", "Fall#7", "HCC_008", "009"]
    names += ["10", "Ä11", "患者12", "Zoë"]
    for place, (own, name) in enumerate(zip(sheet["patient_id"], names, strict=True)):
        link(
            sts / "dicom" / own / "image",
            tmp_path / "in" / "CT Bilder" / name / f"2019-03-0{place % 9 + 1}",
        )
        link(sts / "dicom" / own / "mask" / "RS.dcm", tmp_path / "in" / "Masken" / name / "RS.dcm")
    study = begun(tmp_path / "in")
    assert len(study.ids) == len(study.scans()) == len(study.masks()) == 12
    assert {"Mueller_3", "Pat._4_neu", "Ae11", "12", "009", "Zoe"} <= set(study.ids)
    owners = dict(zip(names, sheet.itertuples(), strict=True))
    book = load_workbook(study.workbook)
    columns = {cell.value: cell.column for cell in book["patients"][1]}
    images = {row[0]: row[2] for row in study.scans()}
    for row in range(2, 14):
        patient = book["patients"].cell(row, 1).value
        own = owners[images[patient].split("/")[1]]
        first = pd.Timestamp("2015-02-03")
        filled = {FIRST: first, LAST: first + pd.Timedelta(days=own.time_days), "event": own.event}
        for column, value in (
            filled | {"sex": own.sex.lower(), "age_years": own.age_years}
        ).items():
            book["patients"].cell(row, columns[column]).value = value
    book.save(study.workbook)
    page, _ = check_study("my_study.yaml")
    told = " ".join(page.split())
    assert "Takes part 12 patients, 12 followed, 6 died" in told
    assert "Masks of 12 of 12 patients" in told
    assert "Errors none in the tables" in told
    assert len(plan_study(load_yaml("my_study.yaml")).to_import) == 12


def link(target, place):
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


def _own_series(dataset, number):
    dataset.SeriesInstanceUID = f"1.2.3.{number}"


def _no_place(dataset, number):
    del dataset.ImagePositionPatient


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_no_place, "CT images without a position (5)"),
        (_own_series, "has a SeriesInstanceUID of its own"),
    ],
)
def test_why_no_scan_of_a_patient_can_be_used_is_noted(images, dicom, begun, change, words):
    folder = images("P1/CT.nii.gz", "P1/mask.nii.gz=mask", "P2/mask.nii.gz=mask")
    dicom(folder / "P2" / "ct")
    for number, file in enumerate((folder / "P2" / "ct").iterdir()):
        dataset = pydicom.dcmread(file)
        change(dataset, number)
        dataset.save_as(file)
    notes = begun(folder).notes
    assert words in notes["P2"]
    assert "Export" in notes["P2"]
    assert notes["P1"] == ""


def test_a_folder_of_which_nothing_can_be_used_is_told(images, dicom, begun):
    folder = images("P1/CT.nii.gz", "P1/mask.nii.gz=mask", "P3/CT.nii.gz")
    report = "1.2.840.10008.5.1.4.1.1.88.67"
    dicom(folder / "P2" / "dose", SOPClassUID=report)
    dicom(folder / "P1" / "dose", SOPClassUID=report)
    begins = begun(folder)
    assert begins.ids == ["P1", "P3"]
    assert f"none can be used: {folder / 'P2'}" in begins.told
    assert f"{folder / 'P1'}" not in begins.told


@pytest.mark.parametrize(
    ("folders", "ids"),
    [
        (("HCC-7/DICOM/ST0/SE1", "HCC-8/DICOM/ST0/SE1"), ["HCC-7", "HCC-8"]),
        (("DICOM/ST0/SE1", "DICOM/ST1/SE1"), ["P001", "P002"]),
        (("disc1/SE000001", "disc2/SE000001"), ["P001", "P002"]),
        (("series-00001", "series-00002"), ["P001", "P002"]),
        (("1.2.840.113619.2", "1.2.840.113619.3"), ["P001", "P002"]),
        (("CT.1.2.840.1.2/IM1", "2.25.80342/IM1"), ["P001", "P002"]),
        (("Anonymized", "New folder (2)"), ["P001", "P002"]),
        (("HCC-7/S3",), ["HCC-7"]),
        (("HCC-7/DICOM/PA0/ST0/SE0",), ["HCC-7"]),
        (("DICOM/PA0/ST0/SE0", "DICOM/PA1/ST0/SE0"), ["PA0", "PA1"]),
        (("DICOM/ST0/SE1",), ["in"]),
    ],
)
def test_names_of_discs_and_series_are_no_ids(tmp_path, dicom, begun, folders, ids):
    """As scanners, archives and tools of de-identification write them."""
    for number, folder in enumerate(folders):
        dicom(tmp_path / "in" / folder, person=f"H{number}", name="IM{}")
    study = begun(tmp_path / "in")
    assert study.ids == ids
    for one, note in study.notes.items():
        assert ("id made up: no folder or file is called after" in note) == one.startswith("P0")
        assert ("id: the name of the folder 'in' itself" in note) == (one == "in")


def test_a_surveyed_folder_that_is_called_after_no_patient_gives_no_id(tmp_path, dicom, begun):
    dicom(tmp_path / "DICOM export 3" / "ST0" / "SE1")
    assert begun(tmp_path / "DICOM export 3").ids == ["P001"]


def test_a_study_for_each_image_makes_no_patients(tmp_path, dicom, begun):
    """A tool of de-identification emptied PatientID and drew a StudyInstanceUID for each file."""
    dicom(tmp_path / "in" / "all", person="")
    for place, file in enumerate(sorted((tmp_path / "in" / "all").iterdir())):
        header = pydicom.dcmread(file)
        header.StudyInstanceUID = f"1.2.3.{place}"
        header.save_as(file)
    study = begun(tmp_path / "in")
    assert study.ids == ["P001"]
    assert [row[:2] for row in study.scans()] == [("P001", "arterial")]


def test_studies_that_share_one_number_in_one_folder_are_noted(tmp_path, dicom, begun):
    for number in (3, 4, 5):
        dicom(
            tmp_path / "in",
            person="ANONYMOUS",
            number=number,
            name=f"{number}_{{}}",
            StudyInstanceUID=f"1.2.{number}",
        )
    study = begun(tmp_path / "in")
    assert study.ids == ["P001"]
    assert "3 studies share one DICOM PatientID" in study.notes["P001"]


def test_names_of_dcm2niix_are_read_without_time_and_series(images, begun):
    study = begun(
        images(
            *("HCC1_ART_20130115120000_3a.nii", "HCC1_PV_20130115120000_4.nii"),
            *("HCC1_ART_20130115120000_3a_seg.nii=mask", "HCC2_ART_20140115120000_3.nii"),
        )
    )
    assert [row[:2] for row in study.scans()] == [
        ("HCC1", "arterial"),
        ("HCC1", "portal"),
        ("HCC2", "arterial"),
    ]
    assert study.masks()[0][3] == "HCC1_ART_20130115120000_3a_seg.nii"


def test_files_called_after_series_are_no_patients(images, begun):
    study = begun(images("P7/SE1.nii", "P7/SE1_mask.nii=mask", "series-00001.nii", "series-2.nii"))
    assert study.ids == ["P001", "P7"]
    assert "of which phase?" in study.notes["P001"]
