"""What goes wrong is told in full in the log, but not what a library says of a header."""

import pytest

from taceflow.errors import InputError, OwnFaultError
from taceflow.log import logging_to


def read_header():
    try:
        float("KOWALSKI")
    except ValueError as error:
        raise InputError("the header is broken", patient="P1") from error


def test_the_cause_of_an_error_is_told_by_its_kind_and_place(tmp_path, capfd):
    with pytest.raises(SystemExit), logging_to(str(tmp_path / "job.log")):
        read_header()
    log = (tmp_path / "job.log").read_text()
    assert "InputError: patient P1: the header is broken" in log
    assert "ValueError" in log
    assert "in read_header" in log
    assert "KOWALSKI" not in log.replace('float("KOWALSKI")', "")  # the line of this file
    terminal = capfd.readouterr().err
    assert "the header is broken" in terminal
    assert "Traceback" not in terminal
    assert "ValueError" not in terminal


def test_a_fault_of_our_own_is_one_message_too(tmp_path, capfd):
    with pytest.raises(SystemExit), logging_to(str(tmp_path / "job.log")):
        raise OwnFaultError("the table 'radscore_cv' breaks its schema: cvm", file="cv.tsv")
    terminal = capfd.readouterr().err
    assert "a fault of taceflow, not of your data" in terminal
    assert "Traceback" not in terminal
    assert "Traceback" in (tmp_path / "job.log").read_text()
