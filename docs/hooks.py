"""What MkDocs is told beside mkdocs.yml: pages that lie elsewhere, and the columns of all tables.

Links of the pages are those of the repository, so that they serve in both.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
ELSEWHERE = {
    "README.md": "index.md",
    "config/README.md": "config.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Pages outside docs/, and their names in the site."""
FILES = ("CITATION.cff", "config/config.yaml")
"""What else pages link to."""
LINK = re.compile(r"\]\(([^)#:\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what does not lie in docs/."""
    for path, name in (*ELSEWHERE.items(), *((file, file) for file in FILES)):
        files.append(File.generated(config, name, abs_src_path=str(ROOT / path)))
    files.append(File.generated(config, "tables.md", content=tables_page()))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Turn links between files of the repository into links between pages of the site."""
    names = {name: path for path, name in ELSEWHERE.items()}
    folder = posixpath.dirname(names.get(page.file.src_uri, f"docs/{page.file.src_uri}"))

    def of_site(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, link[1]))
        return f"]({ELSEWHERE.get(path, path.removeprefix('docs/'))}{link[2] or ''})"

    return LINK.sub(of_site, markdown)


def tables_page() -> str:
    """Return the page of all tables and their columns, from the schemas."""
    lines = [
        "# The columns of all tables",
        "",
        "From `workflow/schemas/`. Who reads or writes a table checks it against these; "
        "a column that must be filled is marked with *. "
        "Which file holds which table: [what a run leaves](results.md).",
    ]
    for path in sorted((ROOT / "workflow" / "schemas").glob("*.schema.yaml")):
        name = path.name.removesuffix(".schema.yaml")
        schema = yaml.safe_load(path.read_text(encoding="utf-8"))
        if name != "config" and "properties" in schema:
            lines += ["", *table_lines(name, schema)]
    return "\n".join(lines) + "\n"


def table_lines(name: str, schema: dict[str, Any]) -> list[str]:
    """Return one table's heading, what it is, and a row a column."""
    title = schema.get("title", name).partition(", ")[2]
    lines = [f"## {name}", ""]
    lines += [f"{title[:1].upper()}{title[1:]}.", ""] if title else []
    lines += [schema["description"], ""] if "description" in schema else []
    lines += ["| column | values | meaning |", "|---|---|---|"]
    columns = schema["properties"] | schema.get("patternProperties", {})
    for column, rule in columns.items():
        star = "*" if column in schema.get("required", []) else ""
        cells = (f"`{column}`{star}", values(rule), str(rule.get("description", "")))
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return lines


def values(rule: dict[str, Any]) -> str:
    """Say which values a column takes."""
    if "enum" in rule:
        return ", ".join(f"`{value}`" for value in rule["enum"])
    kind = rule.get("type", "")
    bounds = {
        "minimum": "from",
        "exclusiveMinimum": "above",
        "maximum": "to",
        "exclusiveMaximum": "below",
    }
    said = [f"{word} {rule[key]:g}" for key, word in bounds.items() if key in rule]
    return " ".join([kind if isinstance(kind, str) else " or ".join(kind), *said])
