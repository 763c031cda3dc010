"""How an image plane lies in the patient."""

import numpy as np

PLANE_COSINE = np.cos(np.radians(30.5))
"""A gantry tilts up to 30 degrees, and an image is called axial all the same."""

_PLANES = ("sagittal", "coronal", "axial")


def plane_of(normal: np.ndarray) -> str:
    """Name the plane of a normal (LPS, length 1): axial, coronal, sagittal or oblique."""
    axis = int(np.abs(normal).argmax())
    return _PLANES[axis] if abs(normal[axis]) >= PLANE_COSINE else "oblique"
