"""What a run was made of: digests of configuration and code, versions, patients and deaths.

No host, no path, no user and no time: two runs of the same thing leave the same file, and it may
be published.
"""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from taceflow.files.folders import PACKAGE
from taceflow.files.tables import read_json, read_table, write_json
from taceflow.version import VERSION

_CODE = frozenset({".py", ".smk", ".yaml", ".rst", ".j2", ""})


def configuration_digest(config: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a configuration, whatever the order of its keys."""
    text = json.dumps(config, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def workflow_digest(package: Path = PACKAGE) -> str:
    """Return the SHA-256 of the package and of all rules, scripts, schemas and templates.

    The same for a clone, in whose package ``workflow`` is a link, and for a copy installed from it.
    """
    digest = hashlib.sha256()
    for path in sorted({*package.rglob("*.py"), *(package / "workflow").rglob("*")}):
        name = path.relative_to(package)
        hidden = any(part.startswith((".", "__")) for part in name.parts[:-1])
        is_code = path.suffix in _CODE and not path.name.startswith(".")
        if path.is_file() and is_code and not hidden:
            digest.update(name.as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def write_provenance(
    *,
    patients: str,
    descriptions: Sequence[str],
    libraries: Mapping[str, str],
    config: Mapping[str, Any],
    workflow: str,
    provenance: str,
) -> None:
    """Write ``provenance.json``.

    Parameters
    ----------
    patients : str
        Cohort table.
    descriptions : sequence of str
        JSON files of fitted models; the versions that they name are copied.
    libraries : mapping of str to str
        Versions with which the run's jobs ran: a job whose library has another one runs again.
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
        "taceflow": VERSION,
        "configuration_sha256": configuration_digest(config),
        "code_sha256": workflow,
        "n": len(cohort),
        "events": int(cohort["event"].sum()),
        "cohorts": counts,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": dict(libraries),
        "packages_of_the_networks": fitted,
    }
    write_json(content, provenance)
