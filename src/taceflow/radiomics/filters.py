"""PyRadiomics' derived images, made once from a crop, equal to those of the whole volume."""

from collections.abc import Iterator

import numpy as np
import SimpleITK as sitk
from radiomics import imageoperations

from taceflow.errors import InputError
from taceflow.files.volumes.file import place
from taceflow.imaging.crop import Region, grown
from taceflow.radiomics.margins import (
    GRADIENT_MARGIN_VOXELS,
    LOG_MARGIN_SIGMAS,
    WAVELET_MARGIN_VOXELS,
)
from taceflow.radiomics.panel import Panel, log_name


def derived_images(
    image: sitk.Image, region: Region, panel: Panel, largest: float
) -> Iterator[tuple[str, sitk.Image]]:
    """Yield each image of a panel, exact within a region and cropped to it.

    Parameters
    ----------
    image : SimpleITK.Image
        The resampled CT, HU: the whole, or a part that reaches around the region as far as
        `filter_reach`.
    region : tuple of ndarray
        Lowest index and size of the region, x, y, z.
    panel : Panel
        Which images.
    largest : float
        The HU by which square, squareroot, logarithm and exponential are scaled. PyRadiomics takes
        the volume's largest.

    Yields
    ------
    name : str
        PyRadiomics' name.
    derived : SimpleITK.Image
        Has the region's size.

    Raises
    ------
    InputError
        If the volume is too small for a filter, whose columns PyRadiomics would leave out.
    """
    tight = crop(image, region)
    makers = {
        "square": lambda values: (1 / np.sqrt(largest) * values) ** 2,
        "squareroot": lambda values: np.sign(values) * np.sqrt(np.abs(values) * largest),
        "logarithm": lambda values: (
            np.sign(values) * np.log(np.abs(values) + 1) * (largest / np.log(largest + 1))
        ),
        "exponential": lambda values: np.exp(np.log(largest) / largest * values),
    }
    wavelets = None
    for name in panel.images:
        if name == "original":
            yield name, tight
        elif name in makers:
            values = sitk.GetArrayFromImage(tight).astype(np.float64)
            yield name, place(makers[name](values), tight)
        elif name == "gradient":
            outer, inner = _grown(image, region, np.full(3, GRADIENT_MARGIN_VOXELS))
            filtered, _, _ = next(imageoperations.getGradientImage(crop(image, outer), None))
            yield name, crop(filtered, inner)
        elif name.startswith("wavelet-"):
            if wavelets is None:
                wavelets = _wavelets(image, region)
            yield name, wavelets.pop(name)
        else:
            sigma = next(one for one in panel.sigmas_mm if log_name(one) == name)
            yield name, laplacian_of_gaussian(image, region, sigma)


def laplacian_of_gaussian(image: sitk.Image, region: Region, sigma_mm: float) -> sitk.Image:
    """Return the part of a volume's Laplacian of Gaussian that lies in a region.

    The passes of ITK's LaplacianRecursiveGaussianImageFilter in its order and precision; after the
    pass along an axis, the margin along it is not needed any more.

    Parameters
    ----------
    image : SimpleITK.Image
        HU, the whole volume, or a part of it that reaches as far around the region as the filter.
    region : tuple of ndarray
        Lowest index and size, x, y, z.
    sigma_mm : float
        Of the Gaussian.

    Returns
    -------
    SimpleITK.Image
        Single precision, normalised across scale as PyRadiomics does, the region's size.

    Raises
    ------
    InputError
        If the volume has fewer voxels along an axis than PyRadiomics wants.
    """
    spacing = np.array(image.GetSpacing())
    needed = np.maximum(np.ceil(sigma_mm / spacing) + 1, 4).astype(int)
    if (np.array(image.GetSize()) < needed).any():
        raise InputError(
            f"the CT of {' x '.join(map(str, image.GetSize()))} voxels is too small for "
            f"{log_name(sigma_mm)}, which needs {' x '.join(map(str, needed.tolist()))}",
            remedy="Take the whole scan, or leave this sigma out of the panel",
        )
    margin = np.ceil(LOG_MARGIN_SIGMAS * sigma_mm / spacing).astype(int)
    outer, inner = _grown(image, region, margin)
    start = crop(image, outer)
    total = np.zeros(region[1][::-1], np.float32)
    for axis in range(3):
        part = start
        for along in (axis, *(other for other in range(3) if other != axis)):
            order = 2 if along == axis else 0
            part = sitk.RecursiveGaussian(part, sigma_mm, True, order, along)
            low, size = np.zeros(3, int), np.array(part.GetSize())
            low[along], size[along] = inner[0][along], inner[1][along]
            part = crop(part, (low, size))
        second = sitk.GetArrayViewFromImage(part).astype(np.float64)
        total = (total + second * (1 / spacing[axis] ** 2)).astype(np.float32)
    return place(total, part)


def crop(image: sitk.Image, region: Region) -> sitk.Image:
    """Return the part of an image that lies in a region."""
    return sitk.RegionOfInterest(image, region[1].tolist(), region[0].tolist())


def _wavelets(image: sitk.Image, region: Region) -> dict[str, sitk.Image]:
    """Return the wavelet bands of a region.

    PyRadiomics makes odd sizes even by repeating the first voxel at the end, and the transform goes
    round from the last voxel to the first: near the border the margin comes from the other side.
    """
    low, size = region[0] - WAVELET_MARGIN_VOXELS, region[1] + 2 * WAVELET_MARGIN_VOXELS
    values = sitk.GetArrayViewFromImage(image)
    for axis, (start, count) in enumerate(zip(low[::-1], size[::-1], strict=True)):
        length = values.shape[axis]
        around = np.arange(start, start + count) % (length + length % 2)
        values = values.take(around, axis=axis, mode="wrap")
    outer = sitk.GetImageFromArray(values)
    inner = (np.full(3, WAVELET_MARGIN_VOXELS), region[1])
    tight = crop(image, region)
    made = imageoperations.getWaveletImage(outer, None, wavelet="coif1", level=1)
    return {name: place(sitk.GetArrayFromImage(crop(band, inner)), tight) for band, name, _ in made}


def _grown(image: sitk.Image, region: Region, margin: np.ndarray) -> tuple[Region, Region]:
    """Return a region with a margin as far as the image reaches, and the region's place in it."""
    outer = grown(region, margin, image.GetSize())
    return outer, (region[0] - outer[0], region[1])
