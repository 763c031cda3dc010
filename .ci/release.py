"""Check what a release needs, before its tag: `make release`, which runs all tests afterwards.

The version stands in src/taceflow/version.py; what cannot import it is compared with it here.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from taceflow.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "results" / "release"


def stated(root: Path) -> dict[str, str]:
    """Return the version that each file states which cannot import it."""
    crate = _crate(root)
    return {
        "CITATION.cff": str(yaml.safe_load((root / "CITATION.cff").read_text("utf-8"))["version"]),
        "CHANGELOG.md": _heading(root)[0],
        "ro-crate-metadata.json": crate["./"]["version"],
        "ro-crate-metadata.json, workflow": crate["workflow/Snakefile"]["version"],
    }


def missing(root: Path) -> list[str]:
    """Return what keeps a version from being released, in words."""
    found = [
        f"{file} states {version or 'no version'}, the package {VERSION}"
        for file, version in stated(root).items()
        if version != VERSION
    ]
    day, published = _heading(root)[1], _crate(root)["./"]["datePublished"]
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        found.append(f"CHANGELOG.md has no line '## {VERSION} (year-month-day)'")
    elif day != published:
        found.append(f"CHANGELOG.md states {day}, ro-crate-metadata.json {published}")
    if changed := _said(root, "git", "status", "--porcelain"):
        found.append(f"not committed: {', '.join(changed.split()[1::2])}")
    if _said(root, "git", "tag", "--list", f"v{VERSION}"):
        found.append(f"the tag v{VERSION} is there already: raise src/taceflow/version.py")
    return found


def _crate(root: Path) -> dict[str, dict[str, Any]]:
    text = (root / "ro-crate-metadata.json").read_text(encoding="utf-8")
    return {entity["@id"]: entity for entity in json.loads(text)["@graph"]}


def _heading(root: Path) -> tuple[str, str]:
    """Return version and day of the newest release in the changelog."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(r"^## (\S+) \((.*)\)$", text, flags=re.M)
    return (found[1], found[2]) if found else ("", "")


def build() -> None:
    """Build sdist and wheel of what is committed, and call the wheel's program by itself."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    _said(ROOT, *pip, "check")
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "source", Path(name) / "target"
        _said(ROOT, "git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(source))
        backend = (
            "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
        )
        _said(source, sys.executable, "-c", backend, str(BUILT))
        sdist = BUILT / f"taceflow-{VERSION}.tar.gz"
        alone = ("--no-deps", "--no-index", "--quiet")
        _said(ROOT, *pip, "wheel", *alone, "--no-build-isolation", "-w", str(BUILT), str(sdist))
        wheel = BUILT / f"taceflow-{VERSION}-py3-none-any.whl"
        _said(ROOT, *pip, "install", *alone, "--target", str(target), str(wheel))
        program = (
            f"import sys; sys.path.insert(0, {str(target)!r}); import taceflow.program.command as c"
        )
        said = _said(
            target, sys.executable, "-c", f"{program}; print(c.__file__); c.main(['--version'])"
        )
        if said != f"{target}/taceflow/program/command.py\ntaceflow {VERSION}":
            raise SystemExit(f"the wheel's program says: {said}")


def _said(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    if problems := missing(ROOT):
        raise SystemExit("Not to be released yet:\n" + "\n".join(f"- {one}" for one in problems))
    BUILT.mkdir(parents=True, exist_ok=True)
    build()
    print(f"taceflow {VERSION}: versions agree, sdist and wheel are in {BUILT.relative_to(ROOT)}")
