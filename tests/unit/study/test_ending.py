"""The last lines of a call."""

import os

from taceflow.study.ending import told_at_the_end, told_of_failure


def write(path, text="", at=1000.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at, at))
    return path


def test_what_to_open_how_long_and_who_is_out(tmp_path):
    report = write(tmp_path / "report.html")
    write(tmp_path / "qc" / "index.html")
    table = write(
        tmp_path / "cohort" / "exclusions.tsv",
        "patient_id\tstage\treason\nP1\timaging\tno CT\nP2\treview\tanother tumour\n",
    )
    assert told_at_the_end(str(tmp_path), 900.0, 1257.2) == [
        f"Open {report}",
        "It took 5 min 57 s.",
        f"Excluded: P1 (imaging), P2 (review); the reasons are in {table}",
    ]


def test_a_page_of_an_earlier_call_is_not_what_this_one_made(tmp_path):
    write(tmp_path / "report.html", at=800.0)
    sheet = write(tmp_path / "qc" / "index.html")
    write(tmp_path / "cohort" / "exclusions.tsv", "patient_id\tstage\treason\n")
    assert told_at_the_end(str(tmp_path), 900.0, 903.0) == [
        f"Open {sheet}",
        "It took 3 s.",
        "Nobody was excluded.",
    ]
    assert told_at_the_end(str(tmp_path / "absent"), 900.0, 8200.0) == ["It took 2 h 1 min."]


def test_many_who_are_out_are_counted(tmp_path):
    rows = "".join(f"P{number}\timaging\tno CT\n" for number in range(7))
    write(tmp_path / "cohort" / "exclusions.tsv", f"patient_id\tstage\treason\n{rows}")
    assert "P4 (imaging) and 2 more;" in told_at_the_end(str(tmp_path), 0.0, 1.0)[-1]


def test_a_failure_names_what_this_call_met_and_its_log(tmp_path):
    write(tmp_path / "logs" / "resample" / "1.final", "InputError: patient P1: old", at=800.0)
    write(tmp_path / "logs" / "resample" / "2.final", "InputError: patient P7: the mask is empty")
    assert told_of_failure(str(tmp_path), 900.0) == [
        "InputError: patient P7: the mask is empty",
        f"  log: {tmp_path}/logs/resample/2.log",
        "What was made is kept: mend this, and the same command goes on from here.",
    ]
    (told,) = told_of_failure(str(tmp_path), 1100.0)
    assert told.startswith("What went wrong stands above")
