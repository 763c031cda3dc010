"""The slices of a tilted gantry, which lie beside each other, brought behind each other."""

import numpy as np

from taceflow.imaging.dicom.pixels import OUTSIDE_HU
from taceflow.imaging.dicom.stack import Stack


def straighten(hu: np.ndarray, stack: Stack) -> tuple[np.ndarray, np.ndarray]:
    """Bring the slices of a tilted gantry behind each other.

    Parameters
    ----------
    hu : numpy.ndarray of int16, shape (slices, rows, columns)
        The slices as they were scanned.
    stack : Stack
        Where they lie.

    Returns
    -------
    hu : numpy.ndarray of int16, shape (slices, rows + m, columns + n)
        The same planes in a box that holds all of them; each slice is interpolated linearly in its
        own plane, which is exact in the third direction.
    origin_mm : numpy.ndarray of shape (3,)
        Of the box, LPS.
    """
    from scipy import ndimage  # for the few scans that are tilted

    pixels = stack.shifts_mm / stack.spacing_mm[:2]
    # a whole pixel: the first slice stays as it is
    low, high = np.floor(pixels.min(axis=0)), np.ceil(pixels.max(axis=0))
    wider, taller = (high - low).astype(int)
    slices, rows, columns = hu.shape
    box = np.empty((slices, rows + taller, columns + wider), dtype=np.int16)
    canvas = np.full(box.shape[1:], OUTSIDE_HU, dtype=float)
    for index, shift in enumerate(pixels - low):
        canvas[:rows, :columns] = hu[index]
        moved = ndimage.shift(canvas, shift[::-1], order=1, mode="grid-constant", cval=OUTSIDE_HU)
        box[index] = np.rint(moved)
    return box, stack.origin_mm + (low * stack.spacing_mm[:2]) @ stack.axes[:2]
