"""Pixel data to Hounsfield units."""

from collections.abc import Iterator, Sequence

import numpy as np
from pydicom import Dataset
from pydicom.pixels import iter_pixels

from taceflow.files.locations import open_file, size_of
from taceflow.imaging.dicom.files import read_object
from taceflow.imaging.dicom.slices import Slice
from taceflow.imaging.dicom.stack import COPY_AGAIN, StackError
from taceflow.wording.counts import agreeing, counted

HIGHEST_HU = 31_743
"""What 15 bits reach with the usual intercept of -1024: extended scales end at 30,710 HU, and a
negative value that is read without its sign begins above."""

AIR_WITHOUT_RESCALE_HU = -500
"""Stored values that are HU already have air below this; scanner values start at 0."""

LOWEST_HU = -3100
"""Air is -1000 HU; scanners write down to -3024 outside the field of view."""

EXTENDED_HU = 30_710
"""Where extended scales end."""

OUTSIDE_HU = -1024
"""What stands where nothing was measured, if the file's own padding is no HU."""

MOST_BESIDES_PIXELS = 1 << 28
"""Bytes of a file beside its pixels: headers, overlays, the facts of thousands of frames."""

_GREY = ("MONOCHROME1", "MONOCHROME2")
_HU_TYPES = ("", "HU", "US")  # US: unspecified


def read_hu(slices: Sequence[Slice]) -> Iterator[tuple[int, np.ndarray, int]]:
    """Read slices in HU, file by file.

    Parameters
    ----------
    slices : sequence of Slice
        Of one series.

    Yields
    ------
    index : int
        Place in `slices`.
    hu : numpy.ndarray of int16, shape (rows, columns)
        Whole HU.
    padded : int
        Pixels of declared padding that were set to `OUTSIDE_HU`.

    Raises
    ------
    StackError
        If pixel data cannot be decoded or are no HU.

    Notes
    -----
    Unused high bits are masked (PS3.5, 8.1.1) by pydicom. MONOCHROME1 says how to display, which
    changes no value. PixelPaddingValue (PS3.3, C.7.5.1.1.2) changes those that no CT holds.
    """
    members: dict[str, list[int]] = {}
    for index, one in enumerate(slices):
        members.setdefault(one.location, []).append(index)
    for location, indices in members.items():
        _check_size(location, slices[indices[0]])
        planes = _decode(location, [slices[index].frame or 0 for index in indices])
        for index, (stored, padding) in zip(indices, planes, strict=True):
            yield index, *_to_hu(stored, padding, slices[index])


def read_stack(slices: Sequence[Slice]) -> tuple[np.ndarray, list[str]]:
    """Read a stack in HU.

    Parameters
    ----------
    slices : sequence of Slice
        In spatial order, all of the same size.

    Returns
    -------
    hu : numpy.ndarray of int16, shape (slices, rows, columns)
    notes : list of str
        What was mended.

    Raises
    ------
    StackError
        If pixel data cannot be decoded or are no HU.
    """
    header = slices[0].header
    shape = (len(slices), header.Rows, header.Columns)
    try:
        volume = np.empty(shape, dtype=np.int16)
    except MemoryError as error:
        problem = f"{shape[0]} slices of {shape[1]} x {shape[2]} do not fit into memory"
        raise StackError(problem) from error
    _check_rescale(slices)
    padded = 0
    for index, hu, count in read_hu(slices):
        padded += count
        if hu.shape != volume.shape[1:]:
            raise StackError(f"a slice has {hu.ndim} dimensions instead of rows and columns")
        volume[index] = hu
    unscaled = sum("RescaleIntercept" not in one.header for one in slices)
    if unscaled and volume.min() > AIR_WITHOUT_RESCALE_HU:
        raise StackError(
            f"{counted(unscaled, 'slice')} without RescaleIntercept, and values from "
            f"{volume.min()} to {volume.max()} are no HU"
        )
    if not padded:
        return volume, []
    share = f"{padded / volume.size:.1%} of the voxels"
    return volume, [f"declared padding (PixelPaddingValue) set to {OUTSIDE_HU} HU: {share}"]


def _check_rescale(slices: Sequence[Slice]) -> None:
    for keyword in ("RescaleIntercept", "RescaleSlope"):
        without = sum(keyword not in one.header for one in slices)
        if 0 < without < len(slices):
            have = agreeing(without, "has", "have")
            raise StackError(
                f"{without} of {counted(len(slices), 'slice')} {have} no {keyword}, which the "
                "others have"
            )


def _check_size(location: str, one: Slice) -> None:
    """Refuse a file that holds far more than its header names, before it is read."""
    frames = one.number("NumberOfFrames")
    voxels = one.number("Rows") * one.number("Columns") * (frames if np.isfinite(frames) else 1)
    if (size := size_of(location)) > 4 * voxels + MOST_BESIDES_PIXELS:
        raise StackError(f"a file of {size:,} bytes holds more than its header names", COPY_AGAIN)


def _decode(location: str, frames: list[int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the stored values of some frames of a file, and which of them are padding."""
    try:
        with open_file(location) as opened:
            dataset = read_object(opened)
        high, stored = int(dataset.HighBit), int(dataset.BitsStored)
        if high != stored - 1:
            raise StackError(f"HighBit {high} does not fit BitsStored {stored}")
        if dataset.PhotometricInterpretation not in _GREY:
            raise StackError("its values are colours and no HU")
        for stored in iter_pixels(dataset, indices=frames):
            yield stored, _is_padding(stored, dataset)
    except StackError:
        raise
    except NotImplementedError as error:
        raise StackError(
            f"the pixel data are {_coding(dataset)}, which is not read",
            "Export the series uncompressed",
        ) from error
    except Exception as error:  # each decoder raises what it likes
        raise StackError(
            "the pixel data of a slice are truncated or cannot be decoded", COPY_AGAIN
        ) from error


def _coding(dataset: Dataset) -> str:
    """Return the transfer syntax in words; a private one has none."""
    syntax = dataset.file_meta.TransferSyntaxUID
    return f"coded as {syntax.name}" if syntax.name != syntax else "in a private transfer syntax"


def _is_padding(stored: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Tell which stored values are declared as padding; the header may forget their sign."""
    try:
        first = int(dataset.PixelPaddingValue)
        last = int(dataset.get("PixelPaddingRangeLimit", first))
    except (AttributeError, TypeError, ValueError):
        return np.zeros(stored.shape, dtype=bool)
    first, last = sorted(np.array([first, last]).astype(stored.dtype).tolist())
    return (stored >= first) & (stored <= last)


def _to_hu(stored: np.ndarray, padding: np.ndarray, one: Slice) -> tuple[np.ndarray, int]:
    """Rescale stored values and round them once to whole HU; count the padding that is none."""
    if str(one.header.get("RescaleType") or "") not in _HU_TYPES:
        raise StackError("RescaleType says that the values are no HU")
    slope = one.number("RescaleSlope") if "RescaleSlope" in one.header else 1.0
    intercept = one.number("RescaleIntercept") if "RescaleIntercept" in one.header else 0.0
    if slope <= 0 or not np.isfinite([slope, intercept]).all():
        raise StackError("RescaleSlope is not above 0, or RescaleIntercept is no number")
    if slope == 1 and intercept.is_integer():
        hu = stored.astype(np.int32) + int(intercept)
    else:
        hu = np.rint(stored * slope + intercept)
    is_none = padding & ((hu < LOWEST_HU) | (hu > EXTENDED_HU))
    hu[is_none] = OUTSIDE_HU
    lowest, highest = hu.min(), hu.max()
    if lowest < np.iinfo(np.int16).min or highest > HIGHEST_HU:
        raise StackError(
            f"values from {lowest:.0f} to {highest:.0f} HU, which no CT holds: "
            "is PixelRepresentation, PixelPaddingValue or the rescale wrong?"
        )
    return hu.astype(np.int16), int(is_none.sum())
