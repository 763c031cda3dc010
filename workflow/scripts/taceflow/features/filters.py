"""PyRadiomics' derived images, made once from a crop, equal to those of the whole volume."""

from collections.abc import Iterator

import numpy as np
import SimpleITK as sitk
from radiomics import imageoperations

from taceflow.features.panel import Panel, log_name

GRADIENT_MARGIN_MM = 1.0
WAVELET_MARGIN_MM = 3.0
LOG_MARGIN_SIGMAS = 10.0
"""Margins beyond which a voxel no longer matters, measured against whole volumes."""


def derived_images(
    image: sitk.Image, region: tuple[np.ndarray, np.ndarray], panel: Panel
) -> Iterator[tuple[str, sitk.Image]]:
    """Yield each image of a panel, cropped so that it is exact within a region.

    Parameters
    ----------
    image : SimpleITK.Image
        The whole resampled CT, HU.
    region : tuple of ndarray
        Lowest index and size of the region, x, y, z.
    panel : Panel
        Which images.

    Yields
    ------
    name : str
        PyRadiomics' name.
    derived : SimpleITK.Image
        Covers the region, and more.
    """
    largest = float(np.abs(sitk.GetArrayViewFromImage(image).astype(np.float64)).max())
    tight = _crop(image, region, 0.0)
    makers = {
        "square": lambda values: (values / np.sqrt(largest)) ** 2,
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
            # The maximum is the whole volume's, as if PyRadiomics had seen all of it.
            values = makers[name](sitk.GetArrayFromImage(tight).astype(np.float64))
            derived = sitk.GetImageFromArray(values)
            derived.CopyInformation(tight)
            yield name, derived
        elif name == "gradient":
            crop = _crop(image, region, GRADIENT_MARGIN_MM)
            yield name, next(imageoperations.getGradientImage(crop, None))[0]
        elif name.startswith("wavelet-"):
            if wavelets is None:
                crop = _crop(image, region, WAVELET_MARGIN_MM)
                made = imageoperations.getWaveletImage(crop, crop, wavelet="coif1", level=1)
                wavelets = {band: derived for derived, band, _ in made}
            yield name, wavelets[name]
        else:
            sigma = next(one for one in panel.sigmas_mm if log_name(one) == name)
            crop = _crop(image, region, LOG_MARGIN_SIGMAS * sigma)
            for derived, _, _ in imageoperations.getLoGImage(crop, crop, sigma=[sigma]):
                yield name, derived


def _crop(image: sitk.Image, region: tuple[np.ndarray, np.ndarray], margin_mm: float) -> sitk.Image:
    margin = np.ceil(margin_mm / np.array(image.GetSpacing())).astype(int)
    low = np.maximum(region[0] - margin, 0)
    high = np.minimum(region[0] + region[1] + margin, np.array(image.GetSize()))
    return sitk.RegionOfInterest(image, (high - low).tolist(), low.tolist())
