"""What goes wrong is told in full in the log, but not what a library says of a header."""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import ModuleType

import pytest

from taceflow.code_digest import code_digest
from taceflow.errors import DiskError, InputError, OwnFaultError
from taceflow.log import ATTEMPT, logging_to


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


@pytest.mark.parametrize(
    ("attempt", "error", "again"),
    [
        (2, InputError("the mask is empty", patient="P1"), False),
        (3, OwnFaultError("a column too many", file="cv.tsv"), False),
        (1, InputError("the mask is empty", patient="P1"), True),  # a new run: it may be mended
        (2, DiskError("the disk is full", 28), True),
        (2, MemoryError(), True),
    ],
)
def test_an_error_that_stays_is_not_met_twice(tmp_path, capfd, monkeypatch, attempt, error, again):
    log, worked = str(tmp_path / "job.log"), []

    def work():
        with logging_to(log):
            worked.append(1)
            raise error

    with pytest.raises((SystemExit, MemoryError)):
        work()
    (tmp_path / "job.log").unlink()  # as Snakemake does
    capfd.readouterr()
    monkeypatch.setenv(ATTEMPT, str(attempt))
    with pytest.raises((SystemExit, MemoryError)):
        work()
    assert len(worked) == 1 + again
    if not again:
        told = f"Not attempted again: {type(error).__name__}: {error}"
        assert told in capfd.readouterr().err
        assert told in (tmp_path / "job.log").read_text()
