"""Make the documentation's pictures again from a finished run of the demo: `make images`.

Pictures are reduced to the width that a page shows, figures to few colours too. Beside them stands,
for each figure and for the page of the review, the digest of the files that drew it, so that a test
can tell when it is old.
"""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from taceflow.code_digest import import_closure
from taceflow.study.figures import FIGURE_FILES

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
DRAWN_BY = IMAGES / "demo" / "drawn_by.tsv"
WIDTH_PX, COLOURS = 1100, 64
REVIEW = "review"
_OF_REVIEW = (
    "workflow/report/review.html",
    "src/taceflow/imaging/quality/review_page.py",
    "src/taceflow/imaging/quality/slices.py",
)
PATIENT = "HCC-001"
"""Whose masks stand for everybody's."""


def modules(figure: str) -> list[Path]:
    """Return the modules that draw a figure, of those that draw figures and set letters.

    Of the page of the review, the page and what fills it.
    """
    if figure == REVIEW:
        return [ROOT / page for page in _OF_REVIEW]
    name = FIGURE_FILES[figure][0].name.removeprefix("figure_")
    script = ROOT / "workflow" / "scripts" / "figures" / f"figure_{name}.py"
    package = ROOT / "src" / "taceflow"
    drawing = {*(package / "figures").glob("*.py"), package / "wording" / "lettering.py"}
    return [module for module in import_closure(script) if module in drawing]


def digest(figure: str) -> str:
    """Return the digest of the modules that draw a figure."""
    found = hashlib.sha256()
    for module in modules(figure):
        found.update(module.name.encode() + b"\0" + module.read_bytes())
    return found.hexdigest()


def recorded() -> dict[str, str]:
    """Return the digest with which each figure of the documentation was drawn."""
    lines = DRAWN_BY.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def reduce(source: Path, target: Path) -> None:
    """Write a picture no wider than a page shows it; with few colours if it is no JPEG."""
    with Image.open(source) as picture:
        small = picture.convert("RGB")
    small.thumbnail((WIDTH_PX, 10 * WIDTH_PX), Image.Resampling.LANCZOS)
    if target.suffix == ".jpg":
        small.save(target, quality=88, subsampling=0, optimize=True)
    else:
        small.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open Chromium: Playwright's own, or one on the path.

    Raises
    ------
    FileNotFoundError
        If there is none, with how to install one.
    """
    with sync_playwright() as started:
        places = (started.chromium.executable_path, "chromium", "chromium-browser")
        found = next(filter(None, map(shutil.which, places)), None)
        if not found:
            raise FileNotFoundError(
                "no Chromium: .venv/bin/playwright install --with-deps chromium"
            )
        browser = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def photograph(page: Path, target: Path) -> None:
    """Write what the page of the review shows in the middle of the work."""
    with chromium() as browser:
        shown = browser.new_page(viewport={"width": 1280, "height": 860})
        shown.goto(page.as_uri())
        for key in ("k", "ArrowRight", "k", "ArrowRight", "r"):
            shown.keyboard.press(key)
        shown.fill("#reason", "mask includes a vessel")
        shown.keyboard.press("Enter")
        id_ = shown.text_content("#patient")
        shown.wait_for_selector(f'#canvas[data-shown^="{id_} "]')
        shown.screenshot(path=target)


def renew(results: Path) -> None:
    """Replace each picture by the run's."""
    sources = {path: results / "figures" / path.name for path in IMAGES.glob("demo/*.png")}
    drawn = {path.stem: source for path, source in sources.items()}
    drawn[REVIEW] = results / "qc" / "index.html"
    old = [
        name
        for name, source in drawn.items()
        if source.stat().st_mtime < max(module.stat().st_mtime for module in modules(name))
    ]
    if old:
        sys.exit(f"Drawn before the code was last changed, run the demo again: {', '.join(old)}")
    for target, source in sources.items():
        reduce(source, target)
    reduce(results / "qc" / f"{PATIENT}.png", IMAGES / "quality_picture.jpg")
    reduce(results / "qc" / "contact_sheet" / "page_01.png", IMAGES / "contact_sheet.jpg")
    with tempfile.NamedTemporaryFile(suffix=".png") as taken:
        photograph(drawn[REVIEW], Path(taken.name))
        reduce(Path(taken.name), IMAGES / "review.jpg")
    lines = [f"{figure}\t{digest(figure)}\n" for figure in sorted(drawn)]
    DRAWN_BY.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    renew(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "results" / "demo"))
