"""The report in a browser, opened as a file: what a reader does with it."""

import pytest

from taceflow.report.report import write_report


@pytest.fixture
def show(browser, report_inputs, tmp_path):
    """Open the report of the made-up run; an error in it is one here."""
    errors, asked = [], []
    write_report(**report_inputs, output=str(tmp_path / "report.html"))
    pages = []

    def show(width=1280):
        page = browser.new_page(viewport={"width": width, "height": 900})
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "report.html").as_uri())
        return page

    yield show
    for page in pages:
        page.close()
    assert errors == []
    assert all(url.startswith(("file:", "data:")) for url in asked)


def cells(page, title, column):
    """The shown cells of a table's column."""
    rows = page.get_by_role("region", name=title, exact=True).locator("tbody tr:visible")
    return [row.locator("th, td").nth(column).text_content() for row in rows.all()]


TITLE = "Models side by side"


def test_a_long_table_shows_the_rows_that_hold_what_is_searched(show):
    page = show()
    search = page.get_by_role("searchbox", name=f"Search in {TITLE}", exact=True)
    whole = cells(page, TITLE, 0)
    assert len(whole) > 8
    search.fill("dlop-cox")
    found = cells(page, TITLE, 0)
    assert set(found) == {"DLOP-Cox"}
    search.fill("")
    assert cells(page, TITLE, 0) == whole


def test_a_table_of_single_rows_is_sorted_by_its_heads(show):
    page = show()
    page.evaluate(
        """() => {
          const rows = ["0.10", "\u22120.20", "<0.01", "12.0", "", "3", "4", "5", "6"]
            .map((value, n) => `<tr><th scope=row>P${n}</th><td>${value}</td></tr>`).join("");
          document.querySelector("main").innerHTML = `<div class=scroll role=region tabindex=0
            aria-label=T><table><caption>T</caption><thead><tr><th scope=col>Who</th>
            <th scope=col>C</th></tr></thead><tbody>${rows}</tbody></table></div>`;
          new Function([...document.scripts].at(-1).textContent)();
        }"""
    )
    page.get_by_role("button", name="C").click()
    assert cells(page, "T", 1) == ["\u22120.20", "", "<0.01", "0.10", "3", "4", "5", "6", "12.0"]
    assert page.locator("th[aria-sort=ascending]").text_content() == "C"
    page.get_by_role("button", name="C").click()
    assert cells(page, "T", 1)[0] == "12.0"
    page.get_by_role("button", name="Who").click()
    assert cells(page, "T", 0) == [f"P{number}" for number in range(9)]


def test_the_page_is_no_wider_than_a_telephone(show):
    page = show(width=400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_what_is_folded_is_printed(show):
    page = show()
    assert page.locator("details[open]").count() == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0


@pytest.mark.parametrize("width", [1280, 400])
def test_axe_finds_nothing(show, accessibility, width):
    page = show(width)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert accessibility(page) == []
