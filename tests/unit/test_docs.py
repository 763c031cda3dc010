"""What the docs name is there."""

import re
import runpy

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
