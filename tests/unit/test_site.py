"""The documentation as a site: it is built, its links lead somewhere, and nothing is fetched."""

import os
import re
import shutil
import subprocess
import sys

import pytest


def build(folder, site):
    """Return MkDocs' status and what it says; with --quiet it would count no warning."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", site],
        cwd=folder,
        text=True,
        capture_output=True,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=False,
    )
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def site(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    status, said = build(root, folder)
    assert status == 0, said
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return {page.name: page.read_text() for page in site.glob("*.html")}


def test_each_page_of_the_repository_is_a_page_of_the_site(root, pages):
    assert {page.stem for page in (root / "docs").glob("*.md")} < {page[:-5] for page in pages}
    assert ">taceflow<" in pages["index.html"]
    assert 'href="config.html#the-three-tables"' in pages["own_data.html"]
    assert 'href="bad_input.html"' in pages["changelog.html"]
    assert "<code>patients_per_job</code>" in pages["config.html"]


def test_a_column_of_a_schema_stands_on_the_page_of_tables(pages):
    row = r"<code>child_pugh_score</code></td>\s*<td>integer from 5 to 15</td>"
    assert re.search(row, pages["tables.html"])


def test_a_page_fetches_nothing_from_elsewhere(pages):
    fetched = r"<(?:script|img|iframe)[^>]* src=.?https?:[^ >]+|<link[^>]* href=.?https?:[^ >]+"
    assert {
        name: found for name, page in pages.items() if (found := re.findall(fetched, page))
    } == {}


def test_lists_and_commands_are_not_run_into_paragraphs(pages):
    """Markdown of the site wants an empty line before a list, and four spaces within one."""
    run_in = []
    for name, page in pages.items():
        for paragraph in re.findall(r"<p>(.*?)</p>", page, flags=re.S):
            if re.search(r"^([-*|]|\d\.) |```", paragraph, flags=re.M):
                run_in.append((name, paragraph))
    assert run_in == []


@pytest.mark.parametrize("width", [400, 1300])
def test_a_long_message_is_read_without_scrolling_sideways(site, browser, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"file://{site}/troubleshooting.html")
    widths = "all => all.map(one => [one.scrollWidth, one.clientWidth])"
    messages = page.eval_on_selector_all(".language-text :is(pre, code)", widths)
    page.close()
    assert len(messages) > 20
    assert [asked for asked, there in messages if asked > there] == []


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        ("[x](nowhere.md)", "'nowhere.md'"),
        ("[x](method.md#nowhere)", "'#nowhere'"),
        ("![x](images/nowhere.png)", "'images/nowhere.png'"),
        ("[x](../config/nowhere.yaml)", "'config/nowhere.yaml'"),
    ],
)
def test_a_link_that_leads_nowhere_stops_the_build(root, tmp_path, slip, told):
    for folder in ("docs", "config", "workflow/schemas"):
        shutil.copytree(root / folder, tmp_path / folder)
    for file in ("mkdocs.yml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff"):
        shutil.copy(root / file, tmp_path)
    with (tmp_path / "docs" / "model.md").open("a") as page:
        page.write(f"\n{slip}\n")
    status, output = build(tmp_path, tmp_path / "site")
    assert status == 1
    assert told in output
