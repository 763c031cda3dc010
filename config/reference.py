"""Write the table of keys into config/README.md: `python config/reference.py`.

What a key means stands in workflow/schemas/config.schema.yaml, its default in config/config.yaml.
"""

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from taceflow.files.configuration import default_configuration  # noqa: E402
from taceflow.files.schemas import load_schema  # noqa: E402
from taceflow.files.yaml_keys import schema_keys  # noqa: E402

README = ROOT / "config" / "README.md"
BEGIN = "<!-- keys: written by `python config/reference.py` -->\n"
END = "<!-- end of the keys -->\n"
LONGEST_SHOWN = 40


def table() -> str:
    """Return the table of all keys, a row each, as Markdown."""
    rows = ["| key | default | meaning |", "|---|---|---|"]
    for path, rule in schema_keys(load_schema("config")):
        rows.append(f"| `{'.'.join(path)}` | {_default(path)} | {_meaning(path, rule)} |")
    return "\n".join(rows) + "\n"


def page(text: str) -> str:
    """Return the page with the table of keys between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"{README} lacks the line {BEGIN.strip()} or {END.strip()} after it")
    return f"{before}{BEGIN}\n{table()}\n{end}{after}"


def _default(path: tuple[str, ...]) -> str:
    """Return a key's default; nothing for a section, an entry of a list and what has none."""
    value: Any = default_configuration()
    for name in path:
        value = value.get(name, {}) if isinstance(value, dict) else {}
    if isinstance(value, dict):
        return ""
    shown = _written(value)
    return f"`{shown}`" if len(shown) <= LONGEST_SHOWN else "[config.yaml](config.yaml)"


def _written(value: Any) -> str:
    """Return a value as YAML reads it: 1e-05 would be text."""
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    return value if isinstance(value, str) and value else json.dumps(value)


def _meaning(path: tuple[str, ...], rule: Mapping[str, Any]) -> str:
    """Return the description, and the allowed words if with the default it does not name all."""
    said = f"{rule['description']} {_default(path)}"
    words = [f"`{word}`" for word in rule.get("enum", []) if isinstance(word, str)]
    more = "" if all(word in said for word in words) else f"; one of {', '.join(words)}"
    return rule["description"] + more


if __name__ == "__main__":
    README.write_text(page(README.read_text(encoding="utf-8")), encoding="utf-8")
