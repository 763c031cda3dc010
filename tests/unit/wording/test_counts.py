"""No number stands before a noun that it may not agree with."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

import taceflow
from taceflow.wording.counts import agreeing, counted

_NOUNS = (
    "candidates|characters|columns|cores|deaths|entries|epochs|events|features|files|frames|gaps|"
    "images|inputs|intervals|items|jobs|levels|masks|models|outlines|patients|planes|points|readers|"
    "readings|regions|resamples|rows|scans|seeds|slices|survivors|values|variables|voxels|others"
)
_PLURAL = re.compile(rf"^ (?:(?!of|in|by|than|a|from|is|are|and)[a-z-]+ ){{0,2}}({_NOUNS})\b")

_NO_COUNT = re.compile(
    r"(counted|agreeing|' x '\.join)\(|_?[A-Z_]+$|len\([A-Z_]+\)$|(name|phase|listed)$"
)
"""Words, and constants, which somebody has read."""

_NEVER_ONE = {
    "dlopctr/head/fitted_head.py": ["found['features']", "found['intervals']"],
    "figures/flow_chart.py": ["len(excluded)"],  # "3 included and 1 excluded patients"
    "files/volumes/file.py": ["values"],
    "files/volumes/geometry.py": ["voxels"],
    "imaging/dicom/phase_doubts.py": ["sizes[1]"],
    "imaging/dicom/pixels.py": ["shape[0]"],
    "imaging/dicom/series.py": ["most"],
    "imaging/masks/contours.py": ["both", "thickest"],
    "imaging/masks/label_image.py": ["layers"],
    "imaging/masks/regions.py": ["len(found)"],
    "imaging/quality/picture.py": ["slices"],  # "512 x 512 x 1 voxels"
    "program/scans.py": ["len(files)"],
    "radiomics/matrices.py": ["sides"],
    "radiomics/ready/tumors.py": ["len(own)"],
    "radscore/training_data.py": ["needed"],
    "report/doubts.py": ["candidates"],
    "report/result.py": ["sizes"],
}
"""Numbers that are more than one where the text is reached, by module."""


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (1, "patient", "1 patient"),
        (0, "death", "0 deaths"),
        (2, "patient off the commonest value", "2 patients off the commonest value"),
        (3, "training patient", "3 training patients"),
        (2, "entry", "2 entries"),
        (2, "epoch", "2 epochs"),
        (2, "key", "2 keys"),
        (4, "patch", "4 patches"),
        (4, "CT series", "4 CT series"),
    ],
)
def test_a_count_and_its_noun(number, kind, text):
    assert counted(number, kind) == text


def test_what_agrees():
    assert [agreeing(n, "has", "have") for n in (0, 1, 2)] == ["have", "has", "have"]


def fixed_plurals(source):
    """Yield the numbers of f-strings behind which a noun stands in the plural whatever they are."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for value, text in pairwise(node.values):
            if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                number = ast.unparse(value.value)
                if _PLURAL.match(text.value) and not _NO_COUNT.match(number):
                    yield number


def test_no_number_stands_before_a_plural_that_is_fixed():
    folder = Path(taceflow.__file__).parent
    found = {
        path.relative_to(folder).as_posix(): numbers
        for path in folder.rglob("*.py")
        if (numbers := sorted(set(fixed_plurals(path.read_text(encoding="utf-8")))))
    }
    assert found == _NEVER_ONE


def test_a_plural_that_is_fixed_is_found():
    assert [
        *fixed_plurals('f"{n} patients, {deaths} of all died, {len(x)} training patients"')
    ] == [
        "n",
        "len(x)",
    ]
