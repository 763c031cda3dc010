"""PyRadiomics' feature classes on one image and mask, with the work they share done once."""

from collections.abc import Iterable
from functools import cache, cached_property
from types import FunctionType
from typing import Any

import numpy as np
import SimpleITK as sitk
from radiomics import cMatrices, getFeatureClasses, imageoperations
from radiomics.base import RadiomicsFeaturesBase

from taceflow.radiomics.compiled import library
from taceflow.radiomics.matrices import TextureMatrices
from taceflow.radiomics.shape import MeshShape


class RegionImage:
    """An image within the box of a mask.

    Parameters
    ----------
    image : SimpleITK.Image
        The derived image, cropped to the mask's box.
    mask : SimpleITK.Image
        0 and 1, of the same size and place.
    setting : dict
        PyRadiomics' settings.
    lowest : float, optional
        Where grey levels of a fixed width begin, else at the mask's own minimum.
    """

    def __init__(
        self,
        image: sitk.Image,
        mask: sitk.Image,
        setting: dict[str, Any],
        lowest: float | None = None,
    ) -> None:
        self.image = image
        self.mask = mask
        self.setting = setting
        self.lowest = lowest

    def features(self, feature_class: str, names: Iterable[str]) -> dict[str, float]:
        """Return the wanted features of one class, such as ``glcm``, by PyRadiomics' names."""
        calculator = _shared(feature_class)(self)
        for name in names:
            calculator.enableFeatureByName(name)
        return dict(calculator.execute())

    @cached_property
    def discretised(self) -> tuple[np.ndarray, np.ndarray]:
        """The grey levels of the box (0 outside the mask), and those that occur.

        PyRadiomics' own `binImage` is called by each of six classes and looks for the extremes in a
        Python loop; its edges follow from the extremes alone.
        """
        inside = sitk.GetArrayViewFromImage(self.mask) == 1
        values = sitk.GetArrayViewFromImage(self.image)[inside]
        extremes = np.array([values.min(), values.max()])
        if self.lowest is not None:
            width = self.setting.get("binWidth", 25)
            edges = np.arange(self.lowest, extremes[1] + 2 * width, width)
        else:
            edges = imageoperations.getBinEdges(extremes, **self.setting)
        levels = np.zeros(inside.shape, dtype=int)
        levels[inside] = found = np.digitize(values, edges)
        return levels, np.flatnonzero(np.bincount(found))

    @cached_property
    def matrices(self) -> Any:
        """What counts the texture matrices: our own walks, or PyRadiomics where they cannot be."""
        own = library()
        if own is None:
            return cMatrices
        levels, present = self.discretised
        return TextureMatrices(levels, int(present[-1]), self.setting, own)


class _Shared(RadiomicsFeaturesBase):
    """What is put before a class of PyRadiomics: the grey levels come from the region."""

    def __init__(self, region: RegionImage) -> None:
        self._region = region
        super().__init__(region.image, region.mask, **region.setting)

    def _applyBinning(self, matrix: np.ndarray) -> np.ndarray:
        levels, present = self._region.discretised
        self.coefficients |= {"grayLevels": present, "Ng": int(present[-1])}
        return levels

    def _calculateMatrix(self, voxelCoordinates: Any = None) -> np.ndarray:
        """Let PyRadiomics' own function take the counts from the region."""
        own = super()._calculateMatrix
        names = {**own.__globals__, "cMatrices": self._region.matrices}
        return FunctionType(own.__code__, names)(self, voxelCoordinates)


@cache
def _shared(feature_class: str) -> type[_Shared]:
    own = MeshShape if feature_class == "shape" else getFeatureClasses()[feature_class]
    # Its log goes where PyRadiomics' logs go.
    made = type(feature_class, (_Shared, own), {"__module__": own.__module__})
    # PyRadiomics looks through all attributes of a class whenever it makes one
    names = made.getFeatureNames()
    made.getFeatureNames = classmethod(lambda cls: names)
    return made
