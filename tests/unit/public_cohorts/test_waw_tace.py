"""WAW-TACE: archives of the record's layout and its sheet become three tables."""

import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.files.tables import read_table
from taceflow.public_cohorts import waw_tace


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


def test_the_archives_become_tables_that_the_study_reads(record, unpack_all):
    tables = unpack_all(record)
    assert list(tables.scans["patient_id"]) == ["WAW_007", "WAW_012", "WAW_040"]
    assert set(tables.scans["phase"]) == {"arterial"}
    assert [name.split("/")[-1] for name in tables.scans["image"]] == [
        *("7_1_scan.nii.gz", "12_1_scan.nii.gz", "40_1_scan.nii.gz")
    ]
    assert len(list((record / "images").iterdir())) == 3
    drawn = tables.segmentations.set_index("patient_id")["phase"].to_dict()
    assert drawn == {"WAW_007": "arterial", "WAW_012": "portal"}


def test_another_phase_of_the_study_brings_its_own_scans_and_masks(record, unpack_all):
    tables = unpack_all(record, phase="portal")
    assert list(tables.scans["patient_id"]) == ["WAW_007"]
    drawn = tables.segmentations.set_index("patient_id")["phase"].to_dict()
    assert drawn == {"WAW_007": "portal", "WAW_012": "portal"}


def test_a_scan_that_is_there_is_not_unpacked_again_and_half_a_one_is(record, unpack_all):
    unpack_all(record)
    whole, half = (record / "images" / f"{name}_1_scan.nii.gz" for name in (7, 12))
    content, time_ns = half.read_bytes(), whole.stat().st_mtime_ns
    half.write_bytes(content[:100])
    unpack_all(record)
    assert whole.stat().st_mtime_ns == time_ns
    assert half.read_bytes() == content
