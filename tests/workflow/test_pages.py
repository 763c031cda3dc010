"""What the pages for users tell to type can be typed."""

import re
import shlex

import pytest

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.M | re.S)
PAGES = ("tutorial", "own_data", "new_patients", "troubleshooting")


def commands(text):
    """Yield each line of a page that a user types, as words."""
    for kind, block in FENCE.findall(text):
        if not kind:
            yield from (shlex.split(line, comments=True) for line in block.splitlines())


@pytest.mark.parametrize("page", PAGES)
def test_each_command_of_a_page_is_known(root, project, page):
    """Snakemake plans what it is told to make; what else is typed is one of ours."""
    text = (root / "docs" / f"{page}.md").read_text()
    targets = re.findall(r"^([a-z-]+):.*##", (root / "Makefile").read_text(), flags=re.M)
    (project.folder / "my_study.yaml").write_text("run: my_study\n")
    for block in re.findall(r"^```yaml\n(.*?)^```$", text, flags=re.M | re.S):
        (project.folder / "another_draw.yaml").write_text(block)
    planned = 0
    for program, *words in commands(text):
        if program == "snakemake":
            output = project.snakemake("-n", *words).output
            planned += "Job stats:" in output
        elif program == "make":
            assert words[0] in targets
        elif program == "taceflow":
            assert words[0] in ("init", "check")
        else:
            assert [program, *words] == ["source", ".venv/bin/activate"]
    assert planned > 0 or page in ("new_patients", "troubleshooting")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("run", ["demo", "my_study"])
def test_each_result_that_a_page_names_is_made(root, project, page, run):
    text = (root / "docs" / f"{page}.md").read_text()
    named = {*re.findall(rf"results/{run}/[\w/.-]*\.\w+", text)}
    # of the contact sheet the folder is what is made
    named = sorted(re.sub(r"/page_\d+\.png$", "", path) for path in named)
    if named:
        assert project.snakemake("-n", *named, "--config", f"run={run}").planned
