"""The volume of a CT series in HU."""

import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.gantry_tilt import straighten
from taceflow.imaging.dicom.pixels import read_stack
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.slices import STAGE
from taceflow.imaging.dicom.stack import StackError, measure_stack


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
        hu, mended = read_stack(series.slices)
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
