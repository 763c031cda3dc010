"""The volume of a CT series in HU."""

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.pixels import OUTSIDE_HU, read_volume
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.slices import STAGE
from taceflow.imaging.dicom.stack import Stack, StackError, measure_stack


def load_series(
    series: Series, *, patient: str, gantry_tilt: str = "refuse", notes: list[str] | None = None
) -> sitk.Image:
    """Read a series as a volume in HU.

    Parameters
    ----------
    series : Series
        Its slices in spatial order.
    patient : str
        For the message.
    gantry_tilt : {"refuse", "resample"}
        What becomes of slices that lie beside each other.
    notes : list of str, optional
        What was mended is added.

    Returns
    -------
    SimpleITK.Image
        16-bit integers on the original grid, without any header of the files.

    Raises
    ------
    ExclusionError
        If the slices do not form an even stack, or their pixels are no HU.
    """
    try:
        stack = measure_stack(series.slices)
        if stack.is_tilted and gantry_tilt == "refuse":
            raise StackError(
                f"the gantry is tilted by {stack.tilt_degrees:.2f} degrees, "
                "imaging.gantry_tilt is refuse",
                "imaging.gantry_tilt: resample straightens it",
            )
        hu, mended = read_volume(series.slices)
    except StackError as error:
        which = f"series number {series.number}"
        if series.acquisition:
            which += f", acquisition {series.acquisition}"
        raise ExclusionError(
            f"{error} ({which})", stage=STAGE, patient=patient, remedy=error.remedy
        ) from error
    if notes is not None:
        notes += mended
    origin = stack.origin_mm
    if stack.is_tilted:
        hu, origin = straighten(hu, stack)
    image = sitk.GetImageFromArray(hu)
    image.SetSpacing(stack.spacing_mm)
    image.SetOrigin(origin.tolist())
    image.SetDirection(stack.axes.T.ravel().tolist())
    return image


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
