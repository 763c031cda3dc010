"""DICOM series from the buckets of the Imaging Data Commons, through s5cmd."""

import subprocess
import sysconfig
from pathlib import Path

import pandas as pd

from taceflow.errors import InputError
from taceflow.files.atomic import disk_error
from taceflow.wording.counts import agreeing, counted

RETRIES = 5


def download_series(series: pd.DataFrame, folder: Path, *, patient: str) -> pd.DataFrame:
    """Fetch series, or only the files of them that are missing or of another size.

    Parameters
    ----------
    series : pandas.DataFrame
        ``series_uid``, ``url`` (``s3://bucket/prefix/*``), ``files``, ``size_bytes`` of each.
    folder : Path
        Each series goes into a folder below, named by its UID.
    patient : str
        For the message.

    Returns
    -------
    pandas.DataFrame
        What is there now, one row a series: ``source``, ``file`` (the folder), ``files``,
        ``size_bytes``.

    Raises
    ------
    InputError
        If s5cmd fails, or a series has not the planned number of files and bytes.
    DiskError
        If the disk is full.
    """
    targets = [folder / uid for uid in series["series_uid"]]
    for target in targets:
        target.mkdir(parents=True, exist_ok=True)
    commands = "".join(
        f"cp --if-size-differ '{url}' '{target}/'\n"
        for url, target in zip(series["url"], targets, strict=True)
    )
    s5cmd = Path(sysconfig.get_path("scripts")) / "s5cmd"
    call = [str(s5cmd), "--no-sign-request", f"--retry-count={RETRIES}", "--log=error", "run"]
    done = subprocess.run(call, input=commands, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        if full := disk_error(done.stderr, folder):
            raise full
        raise InputError(
            f"s5cmd could not fetch every file: {_last_line(done.stderr)}",
            patient=patient,
            remedy="Run again: what has arrived is kept",
        )
    received = [_count(target) for target in targets]
    expected = list(zip(series["files"], series["size_bytes"], strict=True))
    for uid, here, there in zip(series["series_uid"], received, expected, strict=True):
        if here != there:
            raise InputError(
                f"{counted(here[0], 'file')} of {here[1]} bytes arrived, "
                f"{there[0]} of {there[1]} {agreeing(there[0], 'is', 'are')} planned",
                patient=patient,
                file=uid,
                remedy="Delete the folder of this series and run again",
            )
    files, sizes = zip(*received, strict=True)
    return pd.DataFrame(
        {
            "source": series["url"].to_list(),
            "file": [str(target) for target in targets],
            "files": files,
            "size_bytes": sizes,
        }
    )


def _count(folder: Path) -> tuple[int, int]:
    sizes = [file.stat().st_size for file in folder.iterdir() if file.is_file()]
    return len(sizes), sum(sizes)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no message"
