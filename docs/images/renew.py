"""Make the documentation's pictures again from a finished run of the demo: `make images`.

Pictures are reduced to the width that a page shows, and to 64 colours where they are drawn. Beside
them stands the digest of the modules that drew them, so that a test can tell when they are old.
"""

import hashlib
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "workflow" / "scripts" / "taceflow" / "figures"
IMAGES = ROOT / "docs" / "images"
DRAWN_BY = IMAGES / "demo" / "figures.sha256"
WIDTH_PX, COLOURS = 1100, 64
PATIENT = "HCC-001"
"""Whose masks stand for everybody's."""


def digest() -> str:
    """Return the digest of the modules that draw the figures."""
    found = hashlib.sha256()
    for module in sorted(FIGURES.glob("*.py")):
        found.update(module.name.encode() + b"\0" + module.read_bytes())
    return found.hexdigest()


def reduce(source: Path, target: Path) -> None:
    """Write a picture no wider than a page shows it."""
    with Image.open(source) as picture:
        small = picture.convert("RGB")
    small.thumbnail((WIDTH_PX, 10 * WIDTH_PX), Image.Resampling.LANCZOS)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def renew(results: Path) -> None:
    """Replace each picture by the run's."""
    newest = max(module.stat().st_mtime for module in FIGURES.glob("*.py"))
    sources = {path: results / "figures" / path.name for path in IMAGES.glob("demo/*.png")}
    old = [source.name for source in sources.values() if source.stat().st_mtime < newest]
    if old:
        sys.exit(f"Drawn before the code was last changed, run the demo again: {', '.join(old)}")
    sources[IMAGES / "quality_picture.png"] = results / "qc" / f"{PATIENT}.png"
    sources[IMAGES / "contact_sheet.png"] = results / "qc" / "contact_sheet" / "page_01.png"
    for target, source in sources.items():
        reduce(source, target)
    DRAWN_BY.write_text(digest() + "\n", encoding="utf-8")


if __name__ == "__main__":
    renew(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "results" / "demo"))
