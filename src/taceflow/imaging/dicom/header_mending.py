"""Values of a header that break the standard: mended where only one reading is possible."""

from pydicom import DataElement, Dataset
from pydicom.datadict import keyword_for_tag

_NEEDED = {
    *("SOPClassUID", "SeriesInstanceUID", "Rows", "Columns", "NumberOfFrames", "PixelSpacing"),
    *("ImagePositionPatient", "ImageOrientationPatient", "RescaleSlope", "RescaleIntercept"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
}


def decode_values(header: Dataset) -> None:
    """Decode each value now, so that a corrupt one fails here and nowhere else.

    A decimal comma is read as the point (PS3.5, 6.2 knows no comma in a number); a value that is
    not needed for the volume and cannot be decoded counts as missing.

    Parameters
    ----------
    header : pydicom.Dataset
        As read; changed in place.

    Raises
    ------
    Exception
        Of many kinds, by pydicom, if a value that is needed cannot be decoded.
    """
    for tag in list(header.keys()):
        try:
            element = header[tag]
        except Exception:
            if keyword_for_tag(tag) in _NEEDED:
                raise
            del header[tag]
            continue
        if element.VR == "DS" and "," in str(element.value):
            _put_points(element)


def _put_points(element: DataElement) -> None:
    """Write points for the commas, if that makes numbers; pydicom keeps as text what makes none."""
    values = element.value if element.VM > 1 else [element.value]
    try:
        element.value = [float(str(value).replace(",", ".")) for value in values]
    except ValueError:
        return
