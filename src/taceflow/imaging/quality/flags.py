"""What in a mask's numbers asks for a second look, and how urgently."""

from dataclasses import dataclass
from typing import Any

TINY_ML = 1.0
"""About a thousand voxels of 1 mm: fewer give texture features that are mostly noise."""

TINY_MM = 10.0
"""A shorter lesion is not measurable on CT (RECIST 1.1)."""

MOST_OUTSIDE_PERCENT = 5.0
"""A contour half a voxel wide at the skin or the lung loses less."""

SOFT_TISSUE_HU = (-50.0, 300.0)
"""Median of a tumour, from fatty or necrotic to strongly enhanced; lipiodol lies above."""

DENSE_HU = 300.0
"""Cortical bone, calcification, lipiodol and metal lie above; of a tumour, however enhanced and
noisy, not 5 % (in twelve sarcomas and the demo cohort the 95th percentile reaches 133 and 266)."""

LEAST_AIR_PERCENT = 0.5
"""Around the patient, in lung or bowel, some air always is."""

TISSUE_PEAK_HU = (-150.0, 200.0)
"""Where the histogram above air has its mode: from fat to enhanced organs."""

LEAST_DICE = 0.7
"""Agreement from here on is called excellent (Zijdenbos et al., IEEE TMI 1994;13:716-24)."""


@dataclass(frozen=True)
class Flag:
    """A kind of finding.

    Attributes
    ----------
    weight : int
        How much it speaks against the patient's images; the sum is the order of the contact sheet.
    meaning : str
        With the threshold.
    """

    weight: int
    meaning: str


FLAGS = {
    "no CT": Flag(4, "the image lacks air, or a peak of soft tissue where HU have it"),
    "outside": Flag(
        3, f"more than {MOST_OUTSIDE_PERCENT:g}% of the mask lies in air or off the body"
    ),
    "no soft tissue": Flag(
        3, "the mask's median is not from {:g} to {:g} HU".format(*SOFT_TISSUE_HU)
    ),
    "phase": Flag(3, "no series of the study is called unenhanced, and the chosen one may be"),
    "bone": Flag(
        2, f"more than 5% of the mask lies above {DENSE_HU:g} HU: bone, calcium, lipiodol or metal"
    ),
    "cut": Flag(2, "the mask touches the border of the image or of what was measured"),
    "disagreement": Flag(2, f"a Dice coefficient with reader1-1 below {LEAST_DICE:g}"),
    "other series": Flag(1, "the mask was drawn on another series than the CT"),
    "tiny": Flag(1, f"a mask below {TINY_ML:g} mL or {TINY_MM:g} mm"),
}
"""Every flag, heaviest first."""


def find_flags(numbers: dict[str, Any], *, on_other_series: bool = False) -> dict[str, str]:
    """Say what in the numbers of `measure` asks for a second look.

    Parameters
    ----------
    numbers : dict
        From `taceflow.imaging.quality.measure.measure`.
    on_other_series : bool
        Whether the mask was drawn on a series of the patient that is not the CT's.

    Returns
    -------
    dict of str to str
        The finding in words, by the name of its flag; heaviest first.
    """
    found = {}
    peak = numbers["tissue_peak_hu"]
    if numbers["air_percent"] < LEAST_AIR_PERCENT:
        found["no CT"] = f"{numbers['air_percent']:.1f}% of the image is air"
    elif peak is None:
        found["no CT"] = "the image is all air"
    elif not TISSUE_PEAK_HU[0] <= peak <= TISSUE_PEAK_HU[1]:
        found["no CT"] = f"the image's tissue peaks at {peak:.0f} HU"
    if numbers["outside_percent"] > MOST_OUTSIDE_PERCENT:
        found["outside"] = f"{numbers['outside_percent']:.0f}% of the mask in air or off the body"
    if not SOFT_TISSUE_HU[0] <= numbers["median_hu"] <= SOFT_TISSUE_HU[1]:
        found["no soft tissue"] = f"median of {numbers['median_hu']:.0f} HU in the mask"
    if numbers["upper_hu"] > DENSE_HU >= numbers["median_hu"]:
        found["bone"] = f"5% of the mask above {numbers['upper_hu']:.0f} HU: bone, lipiodol?"
    if numbers["cut_by"]:
        found["cut"] = f"mask cut: {', '.join(numbers['cut_by'])}"
    apart = [f"{name} {value:.2f}" for name, value in numbers["dice"].items() if value < LEAST_DICE]
    if apart:
        found["disagreement"] = f"Dice {', '.join(apart)}"
    if on_other_series:
        found["other series"] = "the mask was drawn on another series than the CT"
    if numbers["volume_ml"] < TINY_ML or numbers["longest_axis_mm"] < TINY_MM:
        found["tiny"] = (
            f"tiny mask: {numbers['volume_ml']:.2f} mL, {numbers['longest_axis_mm']:.0f} mm"
        )
    return found


def weight(flags: dict[str, str]) -> int:
    """Return the summed weight of a patient's flags."""
    return sum(FLAGS[name].weight for name in flags)
