"""The Radscore as printed in Table S2 of the study: the bundle that the workflow ships."""

import json

from taceflow.files.archive import read_bundle
from taceflow.files.folders import RESOURCES

BUNDLE = RESOURCES / "sun_2024_radscore"

_STORED = json.loads(read_bundle(BUNDLE)["radscore.json"])

INTERCEPT: float = _STORED["intercept"]

COEFFICIENTS: dict[str, float] = _STORED["coefficients"]
"""Coefficients under PyRadiomics' names, on the scale of the raw features."""
