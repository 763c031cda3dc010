"""The words after `taceflow`."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from taceflow.errors import ConfigurationError, TaceflowError
from taceflow.log import silence_pydicom
from taceflow.version import VERSION


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after the program's name; those of this process by default.

    Returns
    -------
    int
        0, or 1 if there is something to mend.
    """
    parser = argparse.ArgumentParser(
        prog="taceflow",
        description="Begin a study of your own patients and check it. It is run by snakemake.",
    )
    parser.add_argument("--version", action="version", version=f"taceflow {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="init | check")
    check = commands.add_parser("check", help="say on one page what a study is, and what is wrong")
    check.add_argument("configuration", help="such as my_study.yaml")
    check.set_defaults(function=_check)
    init = commands.add_parser(
        "init", help="write a configuration and a workbook for the scans in a folder"
    )
    init.add_argument("folder", help="scans and masks in any layout, or a zip archive of them")
    init.add_argument("--name", default="my_study", help="of the study and its two files")
    init.set_defaults(function=_init)
    given = parser.parse_args(arguments)
    try:
        status = given.function(given)
        sys.stdout.flush()
        return status
    except TaceflowError as error:
        print(f"Error: {error}", file=sys.stderr)
    except BrokenPipeError:
        # whoever reads on, such as head, has read enough: nothing more is written on the way out
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        place = f"'{error.filename}': " if error.filename else ""
        print(
            f"Error: {place}{error.strerror or error}. See that you may read and write there, and "
            "that the disk is not full",
            file=sys.stderr,
        )
    return 1


def _init(given: argparse.Namespace) -> int:
    try:
        from taceflow.program.begin import begin_study
    except ModuleNotFoundError as error:
        # beside Snakemake alone there need be none of what jobs read images with
        raise ConfigurationError(
            f"taceflow init reads images, for which {error.name} is missing: install it with "
            "pip install 'taceflow[workflow,imaging]'"
        ) from error

    silence_pydicom()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    # how far it is; what is known of a series stands in the workbook
    logging.getLogger("taceflow").setLevel(logging.INFO)
    logging.getLogger("taceflow.imaging.dicom").setLevel(logging.ERROR)
    print(begin_study(given.folder, given.name, os.cpu_count() or 1))
    return 0


def _check(given: argparse.Namespace) -> int:
    # imports half of the package, which --help does without
    from taceflow.program.check import check_study

    page, is_right = check_study(given.configuration)
    print(page)
    return 0 if is_right else 1
