"""The tables that one workbook holds, a sheet each: ``tables: {workbook: my_study.xlsx}``."""

from pathlib import Path

from taceflow.errors import ConfigurationError, InputError
from taceflow.files.sheets.read import WORKBOOKS, read_sheet
from taceflow.files.sheets.workbook import filled_sheets
from taceflow.wording.messages import is_slip
from taceflow.wording.path_hints import absence_hint, nearest_file


def tables_of(path: str, *, has_archive: bool) -> dict[str, str]:
    """Return the path of each table that a workbook holds: the workbook's own.

    Parameters
    ----------
    path : str
        ``tables.workbook``, or what stands in place of the section ``tables``.
    has_archive : bool
        Whether scans and masks may stand in no sheet.

    Returns
    -------
    dict of str to str
        ``choices`` only if a series is marked there.

    Raises
    ------
    ConfigurationError
        If there is no such workbook.
    InputError
        If it cannot be read.
    """
    if not path.lower().endswith(WORKBOOKS):
        raise ConfigurationError(
            f"'tables': '{path}' is no workbook (.xlsx): save it as one. Of tables in files of "
            "their own each has its key: patients, scans, segmentations"
        )
    if not Path(path).is_file():
        meant = nearest_file(path) or "."
        raise ConfigurationError(f"'tables': '{path}' does not exist{meant} {absence_hint(path)}")
    filled = filled_sheets(Path(path))
    # which may be absent: another name than theirs would be passed over
    may_lack = ["choices", "review", "screening"]
    for name in [*may_lack, *(["scans", "segmentations"] if has_archive else [])]:
        slips = [title for plain, title in filled.items() if is_slip(plain, name)]
        if slips and name not in filled:
            raise InputError(
                f"the sheet '{slips[0]}' is nearly '{name}'",
                file=path,
                remedy="Rename it, or hide it if it is something else",
            )
    names = ["patients"]
    names += [name for name in ("scans", "segmentations") if not has_archive or name in filled]
    if "choices" in filled:
        marked = read_sheet(path, text="use", called="choices").get("use")
        names += ["choices"] if marked is not None and marked.notna().any() else []
    names += [name for name in ("review", "screening") if name in filled]
    return dict.fromkeys(names, path)
