"""The manifest of a bundle: its format, checked when it is written and when it is opened.

Light, since rules are parsed with it.
"""

from typing import Any

from jsonschema import Draft202012Validator

from taceflow.errors import OwnFaultError
from taceflow.files.schemas import load_schema

FORMAT = 1
"""Of the bundle: another number once its files mean something else."""


def check_manifest(manifest: Any) -> None:
    """Raise an `OwnFaultError` if a manifest breaks the schema that it is written by."""
    found = Draft202012Validator(load_schema("model_bundle")).iter_errors(manifest)
    problems = [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in found]
    if problems:
        raise OwnFaultError("; ".join(sorted(problems)), file="manifest.json")
