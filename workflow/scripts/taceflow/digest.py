"""What a script's code depends on, as one digest: a rule reruns when that digest changes.

Snakemake sees a change of the script itself, not of the modules that it imports. The digest of the
script's import closure within this package, passed as a parameter, closes the gap, and leaves
rules alone whose modules did not change.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1]
"""Folder of the scripts; the package lies in it."""

PACKAGE = "taceflow"


def code_digest(script: str, scripts: Path = SCRIPTS) -> str:
    """Return the digest of the package modules that a script imports, directly or not.

    Parameters
    ----------
    script : str
        Name of the script without ``.py``.
    scripts : Path
        Folder of the scripts.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    digest = hashlib.sha256()
    for path in import_closure(scripts / f"{script}.py", scripts):
        digest.update(str(path.relative_to(scripts)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def import_closure(script: Path, scripts: Path = SCRIPTS) -> list[Path]:
    """Return the package files that a file imports, directly or not, sorted.

    Parameters
    ----------
    script : Path
        A Python file.
    scripts : Path
        Folder that holds the package.

    Returns
    -------
    list of Path
    """
    closure: set[Path] = set()
    waiting = [script]
    while waiting:
        for found in _imported_files(waiting.pop(), scripts):
            if found not in closure:
                closure.add(found)
                waiting.append(found)
    return sorted(closure)


@cache
def _imported_files(path: Path, scripts: Path) -> tuple[Path, ...]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    files = []
    for name in sorted(names):
        if name.split(".")[0] != PACKAGE:
            continue
        parts = name.split(".")
        stem = scripts.joinpath(*parts)
        folders = [scripts.joinpath(*parts[: depth + 1]) for depth in range(len(parts))]
        candidates = [stem.with_suffix(".py"), *(folder / "__init__.py" for folder in folders)]
        files += [candidate for candidate in candidates if candidate.is_file()]
    return tuple(files)
