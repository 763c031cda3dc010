"""The cohort: split, exclusions."""

from pathlib import Path

import pandas as pd
import pytest

from taceflow.cohort.build import CohortFiles, assign_cohorts, build_cohort, write_patients
from taceflow.cohort.review import Verdict
from taceflow.cohort.sheets import read_cohort_tables
from taceflow.errors import CohortTooSmallError, DamagedFileError, InputError
from taceflow.files.tables import read_json, read_table, write_json


def test_the_split_belongs_to_the_patient():
    ids = [f"P{number}" for number in range(2000)]
    whole = assign_cohorts(pd.DataFrame({"patient_id": ids}), seed=1, fraction=0.3)
    some = assign_cohorts(pd.DataFrame({"patient_id": ids[500:700]}), seed=1, fraction=0.3)
    assert some["cohort"].tolist() == whole["cohort"].tolist()[500:700]
    assert (whole["cohort"] == "validation").mean() == pytest.approx(0.3, abs=0.03)
    other = assign_cohorts(pd.DataFrame({"patient_id": ids}), seed=2, fraction=0.3)
    assert (other["cohort"] != whole["cohort"]).mean() > 0.3


def test_a_given_cohort_is_kept():
    table = pd.DataFrame({"patient_id": ["A", "B"], "cohort": ["external", None]})
    assert assign_cohorts(table, seed=1, fraction=0.0)["cohort"].tolist() == [
        "external",
        "training",
    ]


def build(own_tables, tmp_path, **changes):
    outputs = {
        name: str(tmp_path / f"out_{name}.tsv")
        for name in ("members", "exclusions", "readings", "acquisition", "series", "candidates")
    }
    settings = {"phase": "arterial", "on_bad_input": "exclude", "has_archive": False}
    settings |= {"listed": [], "volumes": own_tables["volumes"]}
    settings |= {"split": {"seed": 1, "validation_fraction": 0.0}} | changes
    paths = {name: own_tables[name] for name in ("patients", "scans", "segmentations")}
    tables = read_cohort_tables(**paths, is_fitted=settings["split"] is not None)
    build_cohort(tables, written=CohortFiles(**outputs), **settings)
    return {name: read_table(path) for name, path in outputs.items()}


def test_everyone_is_either_included_or_excluded_with_a_reason(own_tables, tmp_path):
    written = build(own_tables, tmp_path)
    assert written["members"]["patient_id"].tolist() == ["A", "E"]
    assert written["exclusions"].values.tolist() == [
        [
            "B",
            "follow-up",
            "survival time or event is missing",
            "Fill in time_months, or both dates, and event",
        ],
        [
            *("C", "imaging", "no arterial scan in the table of scans"),
            "Add a row of this phase there",
        ],
        ["D", "segmentation", "the mask is empty", "Draw it"],
    ]
    assert written["readings"]["patient_id"].tolist() == ["A", "E"]
    assert set(written["readings"]["phase"]) == {"portal"}
    assert written["series"]["patient_id"].tolist() == ["A", "D", "E"]


def test_what_an_archive_may_hold_is_no_reason_to_leave_a_patient_out(own_tables, tmp_path):
    archived = own_tables | {"scans": None, "segmentations": None}
    written = build(archived, tmp_path, has_archive=True)
    assert written["exclusions"]["patient_id"].tolist() == ["B", "D"]


@pytest.mark.parametrize(
    ("kind", "stage", "reason"),
    [
        ("scan", "imaging", "another patient has the same scan, voxel for voxel: patient"),
        ("series", "imaging", "another patient has the same series: patient"),
        ("masks", "segmentation", "another patient has the same outline, voxel for voxel: patient"),
    ],
)
def test_two_patients_with_one_scan_or_outline_are_both_excluded(
    own_tables, tmp_path, caplog, kind, stage, reason
):
    for folder in own_tables["volumes"]:
        file = Path(folder) / "import.json"
        record = read_json(file)
        own = record["patient_id"]
        digests = {"scan": [f"s{own}"], "series": [f"u{own}"], "masks": [f"m{own}", "n" + own]}
        shared = "x" if own in "AE" else "y"
        write_json(record | {"digests": digests | {kind: [*digests[kind], shared]}}, file)
    # nobody but the two could be used
    assert build(own_tables, tmp_path)["members"].empty
    for own, other in ("AE", "EA"):
        assert f"patient {own} is excluded ({stage}): {reason} {other}. One of" in caplog.text


def test_a_damaged_record_of_an_import_names_the_folder_to_delete(own_tables, tmp_path):
    folder = Path(own_tables["volumes"][0])
    (folder / "import.json").write_text('{"patient_id": ')
    with pytest.raises(DamagedFileError, match=rf"cut or damaged .*Delete the folder {folder} and"):
        build(own_tables, tmp_path)


def test_fail_stops_at_the_first(own_tables, tmp_path):
    with pytest.raises(InputError, match=r"patient B.*on_bad_input"):
        build(own_tables, tmp_path, on_bad_input="fail")


def test_nobody_left_for_training_is_said_after_the_tables_are_written(own_tables, tmp_path):
    written = build(own_tables, tmp_path, split={"seed": 1, "validation_fraction": 0.9999999})
    assert len(written["members"]) == 2
    assert len(written["exclusions"]) == 3
    output = str(tmp_path / "patients.tsv")
    names = {"patients": own_tables["patients"], "members": str(tmp_path / "out_members.tsv")}
    with pytest.raises(CohortTooSmallError, match=r"5 in the sheet, 3 excluded.*exclusions\.tsv"):
        write_patients(**names, is_fitted=True, output=output)
    written = build(own_tables | {"volumes": []}, tmp_path, phase="portal")
    assert written["members"].empty
    assert len(written["exclusions"]) == 5
    with pytest.raises(CohortTooSmallError, match="5 in the sheet, 5 excluded"):
        write_patients(**names, is_fitted=True, output=output)


def test_a_readers_exclusion_ends_no_run_and_hides_no_other_reason(own_tables, tmp_path):
    said = {"D": Verdict("exclude", "empty"), "E": Verdict("exclude", "no tumour")}
    written = build(own_tables, tmp_path, review=said)
    assert written["members"]["patient_id"].tolist() == ["A"]
    assert written["exclusions"].set_index("patient_id")["stage"].to_dict() == {
        **{"B": "follow-up", "C": "imaging", "D": "segmentation", "E": "review"},
    }
    assert written["readings"]["patient_id"].tolist() == ["A"]
    for name in ("patients", "scans", "segmentations"):
        table = read_table(own_tables[name])
        table[table["patient_id"].isin(["A", "E"])].to_csv(own_tables[name], sep="\t", index=False)
    own_tables["volumes"] = [one for one in own_tables["volumes"] if not one.endswith("D")]
    written = build(own_tables, tmp_path, review={"E": said["E"]}, on_bad_input="fail")
    assert written["members"]["patient_id"].tolist() == ["A"]


def test_a_redrawn_patient_is_in_again(own_tables, tmp_path):
    said = {"E": Verdict("redraw", "a vein", "reader1-1 00000045")}
    excluded = build(own_tables, tmp_path, review=said)["exclusions"].iloc[-1]
    assert excluded[:3].tolist() == ["E", "review", "to be redrawn: a vein"]
    said = {"E": Verdict("redraw", "a vein", "reader1-1 00000099")}
    assert build(own_tables, tmp_path, review=said)["members"]["patient_id"].tolist() == ["A", "E"]


def test_of_two_with_one_scan_a_reader_may_leave_out_the_wrong_one(own_tables, tmp_path):
    for folder in own_tables["volumes"]:
        file = Path(folder) / "import.json"
        write_json(read_json(file) | {"digests": {"scan": ["same"]}}, file)
    said = {"A": Verdict("exclude", "the scan is E's")}
    written = build(own_tables, tmp_path, review=said)
    assert written["members"]["patient_id"].tolist() == ["E"]


def test_new_patients_are_external_and_need_no_follow_up(own_tables, tmp_path):
    sheet = read_table(own_tables["patients"])
    followed = sheet.set_index("patient_id")[["time_months", "event"]]
    assert followed["event"].isna().any()
    for columns in ([], ["time_months", "event"]):
        brought = sheet.drop(columns=columns).assign(cohort="training")
        own_tables["patients"] = str(tmp_path / "new.tsv")
        brought.to_csv(own_tables["patients"], sep="\t", index=False)
        written = build(own_tables, tmp_path, split=None)
        assert set(written["members"]["cohort"]) == {"external"}
        assert "follow-up" not in set(written["exclusions"]["stage"])
        output = str(tmp_path / "patients.tsv")
        members = str(tmp_path / "out_members.tsv")
        write_patients(
            patients=own_tables["patients"], members=members, is_fitted=False, output=output
        )
        patients = read_table(output, "patients").set_index("patient_id")
        expected = followed.loc[patients.index] if not columns else followed * float("nan")
        assert patients["event"].equals(expected["event"].loc[patients.index].astype(float))
        assert patients["time_months"].equals(expected["time_months"].loc[patients.index])


@pytest.mark.parametrize("kind", ["tsv", "csv", "xlsx"])
def test_the_included_patients_keep_their_columns_and_get_their_scores(own_tables, tmp_path, kind):
    sheet = read_table(own_tables["patients"]).assign(albumin_g_l=40.0, bilirubin_umol_l=17.1)
    own_tables["patients"] = str(tmp_path / "patients.xlsx")
    sheet.to_excel(own_tables["patients"], index=False)
    build(own_tables, tmp_path)
    output = tmp_path / "patients.tsv"
    members = str(tmp_path / "out_members.tsv")
    brought = str(tmp_path / f"sheet.{kind}")
    if kind == "xlsx":
        sheet.to_excel(brought, index=False)
    else:
        sheet.to_csv(brought, sep="," if kind == "csv" else "\t", index=False)
    write_patients(patients=brought, members=members, is_fitted=True, output=str(output))
    patients = read_table(output, "patients")
    assert list(patients)[:4] == ["patient_id", "cohort", "time_months", "event"]
    assert patients["patient_id"].tolist() == ["A", "E"]
    assert patients["cohort"].tolist() == ["training", "training"]
    assert patients["albi_score"].tolist() == pytest.approx([-2.5862, -2.5862], abs=1e-4)


def test_the_series_to_choose_from_are_listed(own_tables, tmp_path):
    row = {"phase": "arterial", "chosen": 0, "series_uid": f"uid-{'0' * 16}", "study": 1}
    row |= {"slices": 30, "series_number": 3, "contrast": 1, "description": "Abdomen"}
    listed = tmp_path / "D.json"
    write_json([row, row | {"series_uid": f"uid-{'1' * 16}/2"}], listed)
    candidates = build(own_tables, tmp_path, listed=[str(listed)])["candidates"]
    assert candidates["patient_id"].tolist() == ["D", "D"]
    assert candidates["use"].isna().all()
    assert list(candidates)[:2] == ["patient_id", "use"]
