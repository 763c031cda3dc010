"""WAW-TACE: archives of the record's layout and its sheet become three tables."""

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from taceflow.cohort.sheets import read_cohort_tables
from taceflow.errors import InputError
from taceflow.files.tables import read_table
from taceflow.public_cohorts import waw_tace
from taceflow.public_cohorts.waw_tace_masks import join_masks, write_segmentations


@pytest.fixture
def write(tmp_path):
    def run(sheet):
        path = tmp_path / waw_tace.SHEET
        sheet.to_excel(path, index=False)
        waw_tace.write_patients(str(path), str(tmp_path / "patients.tsv"))
        return read_table(tmp_path / "patients.tsv", "patients")

    return run


def test_units_of_the_sheet(waw_sheet, write):
    first = {
        "PATPRI": 7,
        "survival_time": 800,
        "death": 1,
        "gender_woman": 1,
        "lab_albumin": 3.8,
        "lab_bilirubin": 1.2,
        "lesions_number": 2,
        "lesion1_diameter": 34,
        "lesion2_diameter": 51,
    }
    waw_sheet = waw_sheet[waw_sheet["PATPRI"] != 7].head(232)
    waw_sheet = pd.concat([pd.DataFrame([first]), waw_sheet], ignore_index=True)
    row = write(waw_sheet).iloc[0]
    assert row["patient_id"] == "WAW_007"
    assert row["time_months"] == pytest.approx(26.2834, abs=1e-4)
    assert (row["event"], row["sex"]) == (1, "female")
    assert row["albumin_g_l"] == pytest.approx(38)
    assert row["bilirubin_umol_l"] == pytest.approx(20.52)
    assert (row["tumor_number"], row["tumor_size_cm"]) == (2, 5.1)


@pytest.mark.parametrize(
    ("column", "factor", "words"),
    [
        ("lab_albumin", 10, "lab_albumin.*g/dL"),
        ("lab_bilirubin", 17.1, "lab_bilirubin.*mg/dL"),
        ("lesion1_diameter", 0.1, "lesion1_diameter.*mm"),
    ],
)
def test_another_unit_is_refused(waw_sheet, write, column, factor, words):
    with pytest.raises(InputError, match=words):
        write(waw_sheet.assign(**{column: waw_sheet[column] * factor}))


def test_another_number_of_patients_is_refused(waw_sheet, write):
    with pytest.raises(InputError, match="232 patients, published are 233"):
        write(waw_sheet.head(232))


@pytest.fixture
def record(waw_archives, tmp_path):
    """The folder with the archives of the record, and a table of three of their patients."""
    waw_archives(tmp_path)
    patients = pd.DataFrame(
        {"patient_id": ["WAW_007", "WAW_012", "WAW_040"], "time_months": 9.0, "event": 1}
    )
    patients.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    return tmp_path


def unpack_all(record, phase="arterial"):
    patients = str(record / "patients.tsv")
    archives = [str(record / name) for name in waw_tace.SCANS]
    waw_tace.write_scans(
        archives, patients, phase, str(record / "images"), str(record / "scans.tsv")
    )
    write_segmentations(
        str(record / waw_tace.MASKS),
        patients,
        phase,
        str(record / "masks"),
        str(record / "segmentations.tsv"),
    )
    return read_cohort_tables(
        **{name: str(record / f"{name}.tsv") for name in ("patients", "scans", "segmentations")}
    )


def test_the_archives_become_tables_that_the_study_reads(record):
    tables = unpack_all(record)
    assert list(tables.scans["patient_id"]) == ["WAW_007", "WAW_012", "WAW_040"]
    assert set(tables.scans["phase"]) == {"arterial"}
    assert [name.split("/")[-1] for name in tables.scans["image"]] == [
        *("7_1_scan.nii.gz", "12_1_scan.nii.gz", "40_1_scan.nii.gz")
    ]
    assert len(list((record / "images").iterdir())) == 3
    drawn = tables.segmentations.set_index("patient_id")["phase"].to_dict()
    assert drawn == {"WAW_007": "arterial", "WAW_012": "portal"}


def test_the_tumours_of_a_patient_are_one_mask_in_its_place(record, box):
    tables = unpack_all(record)
    mask = sitk.ReadImage(tables.segmentations.set_index("patient_id").loc["WAW_007", "mask"])
    assert np.array_equal(sitk.GetArrayViewFromImage(mask), box(0, 2) | box(3, 5))
    assert mask.GetSpacing() == (1.0, 1.0, 2.5)
    assert mask.GetOrigin() == (-10.0, 20.0, 5.0)


def test_masks_on_different_grids_leave_the_patient_without_and_say_so(record, caplog):
    tables = unpack_all(record)
    assert "WAW_040" not in set(tables.segmentations["patient_id"])
    assert "WAW_040: the tumours' masks lie on different grids" in caplog.text


def test_another_phase_of_the_study_brings_its_own_scans_and_masks(record):
    tables = unpack_all(record, phase="portal")
    assert list(tables.scans["patient_id"]) == ["WAW_007"]
    drawn = tables.segmentations.set_index("patient_id")["phase"].to_dict()
    assert drawn == {"WAW_007": "portal", "WAW_012": "portal"}


def test_a_scan_that_is_there_is_not_unpacked_again_and_half_a_one_is(record):
    unpack_all(record)
    whole, half = (record / "images" / f"{name}_1_scan.nii.gz" for name in (7, 12))
    content, time_ns = half.read_bytes(), whole.stat().st_mtime_ns
    half.write_bytes(content[:100])
    unpack_all(record)
    assert whole.stat().st_mtime_ns == time_ns
    assert half.read_bytes() == content


def test_label_values_other_than_1_count(waw_image, box, tmp_path):
    path = tmp_path / "a.nrrd"
    sitk.WriteImage(waw_image(box(0, 2) * 3), str(path))
    joined = sitk.GetArrayFromImage(join_masks([path]))
    assert np.array_equal(joined, box(0, 2))
