"""The catalogue: whose files an archive holds, which series, and nothing of who they are."""

import logging
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from pydicom.fileset import FileSet

from taceflow.errors import InputError
from taceflow.imaging.catalogue.patient_files import patient_files

NAMES = ("KOWALSKI", "Zofia", "771234", "ACC555", "19480512", "Mercy", "Grabowski", "Nurse")


def test_patients_are_told_apart_in_any_layout(root, build, caplog, dicom, stack):
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


def test_the_files_of_a_dicomdir_are_found_and_it_is_no_image(root, build, stack):
    collected = FileSet()
    for file in stack(root, 3):
        collected.add(file)
    collected.write(root.parent / "cd")
    counts = build(of=root.parent / "cd")
    assert (counts["found"], counts["series"], counts["unreadable"]) == (4, 1, 0)
    assert build.series.loc[0, "files"] == 3
    assert build.files["kind"].value_counts().to_dict() == {"ct": 3, "directory": 1}


def test_only_what_is_new_or_changed_is_read_again(root, build, stack):
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


def test_a_new_patient_in_the_table_is_looked_for_among_the_strangers(root, build, stack):
    stack(root, 3)
    stack(root, 2, person="0042", prefix="other")
    assert build(patients=["P1"])["strangers"] == 2
    counts = build(patients=["P1", "P2"])
    assert (counts["read"], counts["strangers"], counts["series"]) == (2, 0, 2)
    assert build(patients=["P2"])["strangers"] == 3


def test_a_study_found_later_may_be_the_first(root, build, dicom, stack):
    stack(root, 2, StudyDate="20130315")
    build()
    dicom(root / "late", study=2, StudyDate="20130310", number=8)
    dicom(root / "later", study=3, StudyDate="20130401", number=9)
    assert build()["read"] == 3
    table = build.series[["study", "days", "series_number"]]
    assert table.to_numpy().tolist() == [[1, 0, 8], [2, 5, 4], [3, 22, 9]]
    assert set(build.files["study_day"]) == {0, 5, 22}


def test_an_archive_of_nobody_is_an_error(root, build, stack):
    stack(root, 2, person="1")
    with pytest.raises(
        InputError, match=r"none of 2 files .* Check archive\.root, and archive\.ids"
    ):
        build()
    with pytest.raises(InputError, match="does not exist"):
        build(of=root / "nowhere")


def test_a_table_of_ids_is_checked_without_naming_them(root, build, tmp_path, stack):
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


def test_ids_are_read_without_the_spaces_around_them(root, build, tmp_path, stack):
    stack(root, 2)
    ids = tmp_path / "ids.tsv"
    ids.write_text("dicom_patient_id\tpatient_id\n 771234\tP1 \n")
    assert build(ids=ids)["series"] == 1
    ids.write_text("dicom_patient_id\tpatient_id\n771234\tP1 \n0042\tP1\n")
    with pytest.raises(InputError, match="more than one row for patient_id P1"):
        build(ids=ids)


def test_rows_of_ids_without_a_patient_are_counted_and_not_named(
    root, build, tmp_path, caplog, stack
):
    stack(root, 2)
    ids = tmp_path / "ids.tsv"
    ids.write_text("dicom_patient_id\tpatient_id\n771234\tP1\n0042\t880011\n0043\t880012\n")
    with caplog.at_level(logging.WARNING, "taceflow"):
        build(ids=ids)
    assert "patient_id is not in the table of patients: 2" in caplog.text
    assert not any(name in caplog.text for name in ("880011", "880012", "0042", "0043"))


def test_a_spreadsheet_of_ids(root, build, tmp_path, stack):
    stack(root, 2)
    ids = tmp_path / "ids.xlsx"
    pd.DataFrame({"dicom_patient_id": [771234], "patient_id": ["P1"]}).to_excel(ids, index=False)
    assert build(ids=ids)["series"] == 1


def test_nothing_in_the_outputs_names_a_person(root, build, caplog, stack, uid):
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
