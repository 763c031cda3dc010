"""Paths that users write in tables and in the configuration."""

import re
from pathlib import Path

from taceflow.wording.messages import nearest

_PLACEHOLDER = re.compile(r"<[^<>]+>")


def refused_in(path: str) -> str:
    """Say what in a path Snakemake would take for a wildcard or a variable; "" if nothing.

    >>> refused_in("ct/<patient>/1.nii")
    "has '<patient>', which Snakemake takes for a variable"
    """
    if "{" in path or "}" in path:
        return "has a brace, which Snakemake takes for a wildcard"
    if found := _PLACEHOLDER.search(path):
        return f"has '{found[0]}', which Snakemake takes for a variable"
    return ""


def absence_hint(path: str) -> str:
    """Say why a path that does not exist may have been meant otherwise."""
    if re.match(r"[a-z][a-z0-9+]+://", path):
        return "Addresses are not fetched: download it, and write the path of the copy"
    if path.startswith("~") or re.search(r"\$\w|\$\(|%\w+%", path):
        return "~, $HOME and %USERPROFILE% are not replaced: write the whole path"
    if re.match(r"['\"‘’“”„«]", path):
        return "Take the quotation marks out"
    if "\\" in path or re.match(r"[A-Za-z]:", path):
        return "It is a path of Windows: write it as this machine has it, with /"
    return "Paths are relative to the folder in which the command is given"


def nearest_file(path: str) -> str:
    """Return ``; did you mean ...?`` with the files of that folder that are called nearly so.

    Of tables and configurations alone: folders of images may be called after patients.
    """
    folder = Path(path).parent
    files = [one.name for one in folder.iterdir() if one.is_file()] if folder.is_dir() else []
    return nearest(Path(path).name, [one for one in files if not one.startswith((".", "~$"))])
