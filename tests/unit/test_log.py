"""What goes wrong is told in full in the log, but not what a library says of a header."""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import ModuleType

import pytest

from taceflow.code_digest import code_digest
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


def test_processes_of_a_script_from_an_address_import_no_main_module(tmp_path, monkeypatch):
    address = "https://raw.githubusercontent.com/o/taceflow/v1/workflow/scripts/survival/table_1.py"
    main = ModuleType("__main__")
    main.__file__ = address
    monkeypatch.setitem(sys.modules, "__main__", main)
    with logging_to(str(tmp_path / "job.log"), address, code_digest("survival/table_1")):
        pool = ProcessPoolExecutor(1, get_context("spawn"))
        with pool:
            assert pool.submit(abs, -1).result() == 1
