"""What a run was made of: digests of configuration and code, versions, patients and deaths.

No host, no path, no user and no time: two runs of the same thing leave the same file, and it may
be published.
"""

import hashlib
import importlib.metadata
import json
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from taceflow.tables import read_json, read_table, write_json

PACKAGES = (
    "glmstar",
    "highdicom",
    "lifelines",
    "matplotlib",
    "numpy",
    "pandas",
    "pydicom",
    "pyradiomics-bhklab",
    "scikit-survival",
    "scipy",
    "simpleitk",
    "snakemake",
    "torch",
    "torchvision",
)
"""Packages that a number of the run may depend on."""

_CODE = frozenset({".py", ".smk", ".yaml", ".rst", ".j2", ""})


def configuration_digest(config: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a configuration, whatever the order of its keys."""
    text = json.dumps(config, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def workflow_digest(folder: str | Path) -> str:
    """Return the SHA-256 of all rules, scripts, schemas and templates below a folder.

    Parameters
    ----------
    folder : path
        The workflow's folder.

    Returns
    -------
    str
    """
    folder = Path(folder)
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "__")) for part in path.relative_to(folder).parts[:-1])
        is_code = path.suffix in _CODE and not path.name.startswith(".")
        if path.is_file() and is_code and not hidden:
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def write_provenance(
    *,
    patients: str,
    lock: str,
    descriptions: Sequence[str],
    config: Mapping[str, Any],
    workflow: str,
    provenance: str,
) -> None:
    """Write ``provenance.json``.

    Parameters
    ----------
    patients : str
        Cohort table.
    lock : str
        The lock file from which environments are made.
    descriptions : sequence of str
        JSON files of fitted models; the versions that they name are copied.
    config : mapping
        The checked configuration.
    workflow : str
        Digest of the workflow's code.
    provenance : str
        File to write.
    """
    cohort = read_table(patients)
    counts = {
        str(name): {"n": len(rows), "events": int(rows["event"].sum())}
        for name, rows in cohort.groupby("cohort", sort=True)
    }
    fitted = {}
    for path in descriptions:
        content = read_json(path)
        fitted |= {name: content[name] for name in ("torch", "torchvision") if content.get(name)}
    content = {
        "run": config["run"],
        "configuration_sha256": configuration_digest(config),
        "code_sha256": workflow,
        "n": len(cohort),
        "events": int(cohort["event"].sum()),
        "cohorts": counts,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages_locked": locked_versions(Path(lock).read_text(encoding="utf-8")),
        "packages_of_this_job": installed_versions(),
        "packages_of_the_networks": fitted,
    }
    write_json(content, provenance)


def installed_versions() -> dict[str, str]:
    """Return the versions of those of `PACKAGES` that this environment holds."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def locked_versions(lock: str) -> dict[str, str]:
    """Return the versions of `PACKAGES` in the text of a lock file."""
    pinned = dict(re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock, re.MULTILINE))
    names = {name.lower(): version for name, version in pinned.items()}
    return {name: names[name] for name in PACKAGES if name in names}
