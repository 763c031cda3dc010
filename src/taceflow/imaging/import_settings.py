"""How scans and masks are imported: the configuration's section ``imaging``, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from taceflow.imaging.dicom.phase import PhaseRules


@dataclass(frozen=True, kw_only=True)
class ImportSettings:
    """What the import does with a scan and its masks.

    Attributes
    ----------
    series : PhaseRules
        Which series is the phase.
    gantry_tilt : {"refuse", "resample"}
        What to do with a tilted scan.
    tumors : {"union", "largest", "each"}
        What to take of several tumours.
    spacing_mm : list of float
        The study's grid, on which a mask must have its least number of voxels.
    mask_interpolation : {"nearest", "linear"}
        How masks are brought there.
    minimum_roi_voxels : int
        That number.
    """

    series: PhaseRules
    gantry_tilt: str
    tumors: str
    spacing_mm: list[float]
    mask_interpolation: str
    minimum_roi_voxels: int

    @classmethod
    def of(cls, imaging: Mapping[str, Any]) -> "ImportSettings":
        """Return the rules of the configuration's section ``imaging``."""
        names = {rule.name for rule in fields(cls)} - {"series"}
        series = PhaseRules(**{rule.name: imaging[rule.name] for rule in fields(PhaseRules)})
        return cls(series=series, **{name: imaging[name] for name in names})
