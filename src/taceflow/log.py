"""Logging for the scripts: one file a job, no traceback on the terminal for known errors."""

import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import format_tb

from taceflow.code_digest import check_code
from taceflow.errors import DamagedFileError, DiskError, OwnFaultError, TaceflowError
from taceflow.files.atomic import disk_error

ATTEMPT = "TACEFLOW_ATTEMPT"
"""Name of the variable that says how often a job was submitted to a cluster, this time included."""

_FORMAT = "%(asctime)s %(levelname)s %(message)s"
_MAY_PASS = (DamagedFileError, DiskError)
"""What another machine, or the same later, may not meet."""


@contextmanager
def logging_to(path: str, script: str = "", code: str = "") -> Iterator[None]:
    """Send log records to a file and the terminal while a script works.

    A `TaceflowError` or an `OwnFaultError` ends the process with its message alone on the
    terminal; the traceback goes to the file. Any other exception is logged with its traceback and
    raised. A job that a cluster makes again, since it failed, does nothing if one of these two,
    which cannot pass, ended the attempt before.

    Parameters
    ----------
    path : str
        The log file.
    script : str
        File or address of the script, if there is one.
    code : str
        Digest of its code when the run was planned.

    Raises
    ------
    SystemExit
        With status 1, after one of these two.
    """
    to_file = _opened(path)
    to_file.setFormatter(logging.Formatter(_FORMAT))
    to_terminal = logging.StreamHandler(sys.stderr)
    to_terminal.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger()
    root.handlers = [to_file, to_terminal]
    root.setLevel(logging.WARNING)
    logging.getLogger("taceflow").setLevel(logging.INFO)  # libraries speak only to warn
    silence_pydicom()
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").handlers = [to_file]
    logging.getLogger("py.warnings").propagate = False
    # beside the log, which is deleted before each attempt
    final = Path(path).with_suffix(".final")
    try:
        if int(os.environ.get(ATTEMPT, "1")) > 1 and final.is_file():
            root.error("Not attempted again: %s", final.read_text(encoding="utf-8"))
            raise SystemExit(1)
        final.unlink(missing_ok=True)
        if script:
            check_code(script, code)
        if "://" in script:
            # Rules from a git address: processes that the job starts would look there for its main
            # module, which they do without.
            del sys.modules["__main__"].__file__
        yield
    except Exception as error:
        told = isinstance(error, (TaceflowError, OwnFaultError))
        known = error if told else disk_error(error, _written(error))
        if known is None:
            root.exception("This is a fault of the workflow, not of your data: please report it")
            raise
        if known is not error:
            known.__cause__ = error
        to_terminal.setLevel(logging.CRITICAL + 1)
        root.error("%s", _trace(known))
        if not isinstance(known, _MAY_PASS):
            with suppress(OSError):
                final.write_text(f"{type(known).__name__}: {known}", encoding="utf-8")
        print(f"\n{type(known).__name__}: {known}\n", file=sys.stderr)
        raise SystemExit(1) from error
    finally:
        with suppress(OSError):
            to_file.close()


def silence_pydicom() -> None:
    """Keep pydicom from warning: it quotes values of the header, and paths."""
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="pydicom")


class _LogFile(logging.FileHandler):
    """A log that a full disk ends; what went wrong is then told on the terminal alone."""

    def handleError(self, record: logging.LogRecord) -> None:
        if disk_error(sys.exception(), self.baseFilename) is None:
            super().handleError(record)


def _opened(path: str) -> logging.Handler:
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return _LogFile(path, mode="w", encoding="utf-8")
    except OSError as error:
        if full := disk_error(error, path):
            raise SystemExit(f"\n{type(full).__name__}: {full}\n") from None
        raise


def _written(error: BaseException) -> str:
    """Return the file that was written when the system refused, else the folder for scratch."""
    return getattr(error, "filename", None) or str(Path(tempfile.gettempdir()) / "scratch")


def _trace(error: BaseException) -> str:
    """Return where an error came from; what a library says of its cause may quote a header."""
    told = []
    cause: BaseException | None = error
    while cause is not None:
        said = f": {cause}" if isinstance(cause, (TaceflowError, OwnFaultError)) else ""
        frames = "".join(format_tb(cause.__traceback__))
        told.append(f"{type(cause).__name__}{said}\nTraceback:\n{frames}")
        cause = cause.__cause__
    return "Caused by ".join(told)
