"""The colours that lines and groups have in print: named sets, and what is wrong with others."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from taceflow.wording.messages import nearest

NAMED = {
    "okabe_ito": ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000"),
    "tol_muted": ("#332288", "#CC6677", "#117733", "#999933", "#AA4499", "#44AA99", "#882255"),
    "tol_vibrant": ("#0077BB", "#CC3311", "#009988", "#EE7733", "#EE3377", "#33BBEE"),
}
"""Okabe and Ito's colours, and Paul Tol's, told apart with any colour vision.

Tol's pale ones are left out. The order is that of use: low risk and training, high risk, third
group, validation.
"""

GREY = "#8C8C8C"
"""Of what is not selected, not kept or not treated, beside any of the colours."""

_FEWEST, _MOST = 6, 12
_CONTRAST = 2.0
"""Of WCAG 2 against white paper: 2.2 has the palest that Okabe and Ito or Tol give for lines."""

_APART = 10.0
"""Least distance in CIE L*a*b* (1976) of two colours of lines; the named sets keep 13."""

_VISIONS = {
    "": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    " to readers who see no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    " to readers who see no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    " to readers who see no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""What linear red, green and blue become (Machado et al., IEEE Trans Vis Comput Graph 2009)."""

_TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE = (0.95047, 1.0, 1.08883)
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


def colours_of(asked: str | Sequence[str]) -> tuple[str, ...]:
    """Return the colours of a name of `NAMED`, or of a list."""
    return NAMED[asked] if isinstance(asked, str) else tuple(asked)


def faults_of_colours(asked: str | Sequence[str | None] | None) -> Iterator[str]:
    """Yield what speaks against colours of lines on white paper.

    Parameters
    ----------
    asked : str or sequence of str
        A name of `NAMED`, or colours as ``#0072B2``; None where YAML took one for a remark.

    Yields
    ------
    str
        Too few or too many, no colour, too pale, or too alike to any reader.
    """
    if isinstance(asked, str):
        if asked not in NAMED:
            known = ", ".join(NAMED)
            yield f"'{asked}' is no set of colours{nearest(asked, NAMED)}: {known}, or a list"
        return
    if asked is None or None in asked:
        yield "a colour is empty, for what follows a bare # is a remark: write '#0072B2' in quotes"
        return
    if wrong := [colour for colour in asked if not _HEX.fullmatch(colour)]:
        yield f"'{wrong[0]}' is no colour: write '#' and six digits in quotes, '#0072B2'"
        return
    if not _FEWEST <= len(asked) <= _MOST:
        yield f"{len(asked)} colours: the figures need {_FEWEST} to {_MOST}"
    for colour in asked:
        contrast = 1.05 / (_xyz(_linear(colour))[1] + 0.05)
        if contrast < _CONTRAST:
            yield (
                f"{colour} is too pale for a line on paper: its contrast with white is "
                f"{contrast:.1f}, {_CONTRAST:g} is the least"
            )
        if _distance(colour, GREY, _VISIONS[""]) < _APART:
            yield f"{colour} is too alike to {GREY}, the grey of what is not selected"
    for one, other in combinations(asked, 2):
        for readers, vision in _VISIONS.items():
            if _distance(one, other, vision) < _APART:
                yield f"{one} and {other} are too alike{readers}"
                break


def _linear(colour: str) -> list[float]:
    """Return red, green and blue as light, from 0 to 1."""
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]


def _product(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _xyz(light: Sequence[float]) -> list[float]:
    return _product(_TO_XYZ, light)


def _lab(light: Sequence[float]) -> tuple[float, float, float]:
    """Return CIE L*a*b* of 1976 under D65."""
    shares = [value / white for value, white in zip(_xyz(light), _WHITE, strict=True)]
    x, y, z = (s ** (1 / 3) if s > 216 / 24389 else (24389 / 27 * s + 16) / 116 for s in shares)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _distance(one: str, other: str, vision: Sequence[Sequence[float]]) -> float:
    seen = (
        [min(max(part, 0.0), 1.0) for part in _product(vision, _linear(colour))]
        for colour in (one, other)
    )
    return sum((a - b) ** 2 for a, b in zip(*map(_lab, seen), strict=True)) ** 0.5
