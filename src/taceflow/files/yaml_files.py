"""YAML as people write it: a key twice, or a slip, with its line."""

import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from taceflow.errors import ConfigurationError


class _UniqueKeys(yaml.SafeLoader):
    """PyYAML's safe loader, which without this takes the last of several values of a key."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return a mapping, each key of which stands once."""
        first: dict[Any, int] = {}
        for key_node, _ in node.value:
            key, line = key_node.value, key_node.start_mark.line + 1
            if isinstance(key, str) and key != "<<":
                if key in first:
                    raise ConfigurationError(
                        f"{self.name}, line {line}: the key '{key}' stands twice, first in line "
                        f"{first[key]}: keep one, else only the last would count"
                    )
                first[key] = line
        return super().construct_mapping(node, deep)


def _json(text: str) -> Any:
    """Return what a JSON text holds, which with tabs is no YAML; None if it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def load_yaml(path: str | Path) -> Any:
    """Read a YAML file.

    Raises
    ------
    ConfigurationError
        If it is no YAML or a key stands twice, with the line.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        if text.lstrip().startswith("{") and (content := _json(text)) is not None:
            return content
        loader = _UniqueKeys(text)
        loader.name = str(path)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigurationError(
            f"{path}{where}: no valid YAML ({error.problem}){_slip(error.problem or '')}"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path}: no text in UTF-8 ({error}). Name the configuration (.yaml), not a table; "
            "save it in an editor as UTF-8"
        ) from None


def _slip(problem: str) -> str:
    """Return what to do about the slips that people make most, "" of others."""
    if "\\t" in problem:
        return ". Write spaces in place of tabs"
    if "escape" in problem:
        return ". Between double quotes \\ means something else: write paths with /"
    return ""
