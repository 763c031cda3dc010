"""What a script depends on, as one digest: a rule reruns when that digest changes.

Snakemake sees a change of the script itself, not of the modules that it imports, nor of the
libraries that these import. The digest of both, passed as a parameter, closes the gap, and leaves
rules alone whose modules and libraries did not change.
"""

import ast
import hashlib
import re
from functools import cache
from importlib import metadata
from pathlib import Path

from taceflow.errors import CodeChangedError
from taceflow.files.folders import ENVIRONMENTS, PACKAGE, SOURCE

LIBRARIES = {
    "PIL": "pillow",
    "SimpleITK": "simpleitk",
    "glmnet": "glmstar",
    "highdicom": "highdicom",
    "lifelines": "lifelines",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "pandas": "pandas",
    "pydicom": "pydicom",
    "radiomics": "pyradiomics-bhklab",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "sksurv": "scikit-survival",
    "snakemake": "snakemake",
    "torch": "torch",
    "torchvision": "torchvision",
}
"""Libraries that a number or a picture may depend on: what is imported, and what is installed."""

BENEATH = {"pyradiomics-bhklab": "pywavelets"}
"""What makes numbers in the place of a library that is imported."""

_SCRIPTS = Path(PACKAGE.name, "workflow", "scripts")

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where statements hold statements: an import is one, and no expression need be looked at."""

_PIN = re.compile(r'^ +- "([A-Za-z0-9_.-]+)==([^ "]+)', re.MULTILINE)


def code_digest(script: str, source: Path = SOURCE, *, pinned: bool = False) -> str:
    """Return the digest of what a script imports, directly or not: package modules and libraries.

    Sixteen hexadecimal digits of the modules, eight of the libraries' versions.

    Parameters
    ----------
    script : str
        Below the folder of scripts, without ``.py``: ``radiomics/extract_features``.
    source : Path
        Folder that holds the package, and in it the scripts.
    pinned : bool
        Whether jobs run in environments of their own, made from the files in `ENVIRONMENTS`; else
        they run with what is installed here.
    """
    versions = library_versions(pinned=pinned)
    file = source / _SCRIPTS / f"{script}.py"
    used = sorted(f"{name} {versions[name]}" for name in _libraries(file, source))
    of_libraries = hashlib.sha256("\n".join(used).encode()).hexdigest()[:8]
    return f"{_modules_digest(file, source)}-{of_libraries}"


def is_script(script: str, source: Path = SOURCE) -> bool:
    """Say whether there is a script of this name, as `code_digest` takes it."""
    return (source / _SCRIPTS / f"{script}.py").is_file()


def check_code(script: str, expected: str) -> None:
    """Check that a job imported the code under which its results will be recorded.

    Parameters
    ----------
    script : str
        The script's file or address.
    expected : str
        From `code_digest`, when the run was planned.

    Raises
    ------
    CodeChangedError
        If the package's modules have been changed since.
    """
    # rules from a git address: the script is no file, but lies in the installed package too; the
    # address of a folder with git ends in the tag
    *_, stage, name = Path(script).parts
    file = SOURCE / _SCRIPTS / stage / f"{name.partition('.py')[0]}.py"
    if _modules_digest(file, SOURCE) != expected.partition("-")[0]:
        raise CodeChangedError(
            "the code of this step was changed while the run was at work: run again, so that "
            "results and code agree"
        )


def library_versions(*, pinned: bool = False) -> dict[str, str]:
    """Return the version of each library with which jobs run, by its name where it is installed.

    Builds of one version (``2.15.0+cpu``) are one; "none" for a library that is nowhere. Where jobs
    run with what is `pinned`, see `code_digest`.
    """
    names = sorted({*LIBRARIES.values(), *BENEATH.values()})
    return {name: _version(name, pinned=pinned) for name in names}


@cache
def _version(name: str, *, pinned: bool) -> str:
    if pinned and name in _pins():
        return _pins()[name]
    try:
        return metadata.version(name).partition("+")[0]
    except metadata.PackageNotFoundError:
        return _pins().get(name, "none")


@cache
def _pins() -> dict[str, str]:
    """Return the versions in the environments' files, which hold one of each library."""
    files = sorted(ENVIRONMENTS.glob("*.yaml"))
    return dict(pin for file in files for pin in _PIN.findall(file.read_text(encoding="utf-8")))


def _modules_digest(script: Path, source: Path) -> str:
    digest = hashlib.sha256()
    for path in import_closure(script, source):
        # what a module compiles lies beside it, under its name
        for file in filter(Path.is_file, (path, path.with_suffix(".c"))):
            digest.update(str(file.relative_to(source)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _libraries(script: Path, source: Path) -> set[str]:
    """Return which of `LIBRARIES` a script reaches, by what is installed."""
    names = {
        name.split(".")[0]
        for path in (script, *import_closure(script, source))
        for name in _imported_names(path)
    }
    used = {LIBRARIES[name] for name in names & LIBRARIES.keys()}
    return used | {BENEATH[name] for name in used & BENEATH.keys()}


def import_closure(script: Path, source: Path = SOURCE) -> list[Path]:
    """Return the files of the package in `source` that a file imports, directly or not, sorted."""
    closure: set[Path] = set()
    waiting = [script]
    while waiting:
        for found in _imported_files(waiting.pop(), source):
            if found not in closure:
                closure.add(found)
                waiting.append(found)
    return sorted(closure)


@cache
def _imported_names(path: Path) -> frozenset[str]:
    """Return the names of modules, and of what may be modules, that a file imports."""
    names: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        for block in _BLOCKS:
            waiting += getattr(node, block, ())
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


@cache
def _imported_files(path: Path, source: Path) -> list[Path]:
    files = []
    for parts in (name.split(".") for name in sorted(_imported_names(path))):
        if parts[0] == PACKAGE.name:
            folders = [source.joinpath(*parts[: depth + 1]) for depth in range(len(parts))]
            inits = (folder / "__init__.py" for folder in folders)
            candidates = [folders[-1].with_suffix(".py"), *inits]
            files += [candidate for candidate in candidates if candidate.is_file()]
    return files
