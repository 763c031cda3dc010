"""What the docs name is there."""

import ast
import re
import runpy
from pathlib import Path

import snakemake

from taceflow.files.schemas import load_schema
from taceflow.files.yaml_keys import schema_keys


def test_every_test_that_the_table_of_bad_input_names_is_in_the_file_named_before(root):
    page = (root / "docs" / "bad_input.md").read_text()
    tests = {f"/{file}": file.read_text() for file in (root / "tests").rglob("test_*.py")}
    file, lost, found = "", [], 0
    for name, test in re.findall(r"`([\w/]*test_\w+\.py)?(?:::(test_\w+))?`", page):
        file = name or file
        texts = [text for path, text in tests.items() if path.endswith(f"/{file}")]
        found += bool(test)
        if not any(f"def {test}" in text for text in texts):
            lost.append(f"{file}::{test}")
    assert found > 40
    assert lost == []


def test_every_link_between_the_pages_leads_somewhere(root):
    pages = [root / "README.md", root / "CONTRIBUTING.md", root / "config" / "README.md"]
    pages += sorted((root / "docs").glob("*.md"))
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_readme_activates_the_environment_before_it_calls_snakemake(root):
    """`make` installs Snakemake into .venv, which is on no path of its own."""
    page = (root / "README.md").read_text()
    called = re.search(r"^snakemake ", page, flags=re.M)
    assert "\nsource .venv/bin/activate\n" in page[: called.start()]


def test_the_reference_of_keys_says_what_schema_and_defaults_say(root):
    """Else: python config/reference.py."""
    readme = (root / "config" / "README.md").read_text()
    write = runpy.run_path(str(root / "config" / "reference.py"))["page"]
    assert write(readme) == readme
    described = re.findall(r"^\| `([^`]+)` \| [^|]* \| \S.* \|$", readme, flags=re.M)
    keys = [".".join(path) for path, _ in schema_keys(load_schema("config"))]
    assert keys == [key for key in described if key in keys]


def written_in(folder):
    """Return all text that the modules of a folder may write, what is put into it left out."""
    trees = [ast.parse(module.read_text()) for module in sorted(folder.rglob("*.py"))]
    return "\n".join(
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_every_message_that_a_page_quotes_is_written_by_the_code(root):
    """An ellipsis stands for what differs; brackets and remedies are added to a problem."""
    page = (root / "docs" / "troubleshooting.md").read_text()
    known = written_in(root / "src" / "taceflow") + written_in(Path(snakemake.__file__).parent)
    quoted = "".join(re.findall(r"^```text\n(.*?)^```$", page, flags=re.M | re.S)).splitlines()
    assert len(quoted) > 20
    parts = [(line, part.strip()) for line in quoted for part in line.split("…")]
    assert [(line, part) for line, part in parts if part not in known] == []


LONGEST_CELL = 400


def test_no_cell_of_a_table_is_longer_than_a_person_reads(root):
    """More belongs into a paragraph, which wraps."""
    pages = [*(root / "docs").glob("*.md"), *map(root.joinpath, ("README.md", "CONTRIBUTING.md"))]
    pages += [root / "config" / "README.md"]
    long = [
        f"{page.name}: {cell[:60]}"
        for page in pages
        for line in page.read_text().splitlines()
        if line.startswith("|")
        for cell in re.split(r"(?<!\\)\|", line)
        if len(cell.strip()) > LONGEST_CELL
    ]
    assert long == []
