"""Make the documentation's pictures again from a finished run of the demo: `make images`.

Pictures are reduced to the width that a page shows, and to 64 colours. Beside them stands, for each
figure, the digest of the modules that drew it, so that a test can tell when it is old. The page of
the review is a screenshot, made by hand.
"""

import hashlib
import sys
from pathlib import Path

from PIL import Image

from taceflow.code_digest import import_closure
from taceflow.study.figures import FIGURE_FILES

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
DRAWN_BY = IMAGES / "demo" / "drawn_by.tsv"
WIDTH_PX, COLOURS = 1100, 64
PATIENT = "HCC-001"
"""Whose masks stand for everybody's."""


def modules(figure: str) -> list[Path]:
    """Return the modules that draw a figure, of those that draw figures and set letters."""
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
    """Write a picture no wider than a page shows it."""
    with Image.open(source) as picture:
        small = picture.convert("RGB")
    small.thumbnail((WIDTH_PX, 10 * WIDTH_PX), Image.Resampling.LANCZOS)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def renew(results: Path) -> None:
    """Replace each picture by the run's."""
    sources = {path: results / "figures" / path.name for path in IMAGES.glob("demo/*.png")}
    old = [
        target.stem
        for target, source in sources.items()
        if source.stat().st_mtime < max(module.stat().st_mtime for module in modules(target.stem))
    ]
    if old:
        sys.exit(f"Drawn before the code was last changed, run the demo again: {', '.join(old)}")
    drawn = sorted(target.stem for target in sources)
    sources[IMAGES / "quality_picture.png"] = results / "qc" / f"{PATIENT}.png"
    sources[IMAGES / "contact_sheet.png"] = results / "qc" / "contact_sheet" / "page_01.png"
    for target, source in sources.items():
        reduce(source, target)
    lines = [f"{figure}\t{digest(figure)}\n" for figure in drawn]
    DRAWN_BY.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    renew(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "results" / "demo"))
