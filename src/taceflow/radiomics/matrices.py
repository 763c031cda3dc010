"""The five texture matrices of an image, counted in three walks through its box.

PyRadiomics walks once for each matrix and direction of GLRLM, and holds every step against the box;
here a border of zeros does. Counts are the same, and so are NGTDM's sums to the last bit: they are
added in the same order.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache, cached_property
from itertools import product
from typing import Any

import numpy as np

from taceflow.errors import InputError
from taceflow.radiomics.compiled import addresses


@cache
def directions(distances: tuple[int, ...], sides: tuple[int, ...], flat: int | None) -> np.ndarray:
    """Return PyRadiomics' directions in its order, z, y, x; of two opposite ones the first.

    Parameters
    ----------
    distances : tuple of int
        Of a direction's longest step along an axis.
    sides : tuple of int
        Voxels of the box: no step along an axis is as long.
    flat : int or None
        The axis along which none goes.
    """
    reach = range(max(distances), -max(distances) - 1, -1)
    steps = [
        step
        for step in product(reach, repeat=3)
        if max(map(abs, step)) in distances
        and all(abs(part) < side for part, side in zip(step, sides, strict=True))
        and (flat is None or step[flat] == 0)
    ]
    return np.array(steps[: len(steps) // 2], np.int64)


class TextureMatrices:
    """Stands where PyRadiomics' classes look for ``cMatrices``, for one image and mask.

    Its functions return what those do, float64 with a first axis of one, and take what those take,
    of which they need nothing: levels and settings are the region's.

    Parameters
    ----------
    levels : ndarray of int, shape (z, y, x)
        Grey levels from 1, 0 outside the mask.
    most : int
        The highest level.
    setting : dict
        PyRadiomics' settings.
    library : ctypes.CDLL
        From `taceflow.radiomics.compiled.library`.
    """

    def __init__(
        self, levels: np.ndarray, most: int, setting: dict[str, Any], library: ctypes.CDLL
    ) -> None:
        self._sides = levels.shape
        self._most = most
        self._setting = setting
        self._library = library
        self._distances = [int(one) for one in setting.get("distances", [1])]
        self._margin = max(self._distances)
        self._levels = np.pad(levels.astype(np.int32, copy=False), self._margin)
        self._shape = np.array(self._levels.shape, np.int64)

    def calculate_glcm(self, *_: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return how often level i has level j beside it by direction, and the directions."""
        # given away, since of thousands of grey levels it takes a gigabyte
        return self._neighbours.pop("glcm"), self._steps(self._distances).astype(np.intc)

    def calculate_gldm(self, *_: Any) -> np.ndarray:
        """Return how often level i has so many neighbours alike."""
        return self._neighbours["gldm"]

    def calculate_ngtdm(self, *_: Any) -> np.ndarray:
        """Return each level's voxels, their distances from their neighbours' mean, the level."""
        return self._neighbours["ngtdm"]

    def calculate_glrlm(self, *_: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the runs of each level and length by direction, and the directions."""
        steps, longest = self._steps([1]), max(self._sides)
        counts = np.zeros((self._most, longest, len(steps)), np.uint32)
        sizes = ctypes.c_int64(self._most), ctypes.c_int64(longest)
        self._library.count_runs(*self._walk(steps), *sizes, *addresses(counts))
        return counts[None].astype(float), steps.astype(np.intc)

    def calculate_glszm(self, *_: Any) -> np.ndarray:
        """Return the zones of each level and size, up to the largest that occurs."""
        parents, sizes = (np.zeros(self._levels.shape, np.int32) for _ in range(2))
        steps = self._steps([1])
        self._library.measure_zones(*self._walk(steps), *addresses(parents, sizes))
        zones = np.flatnonzero(sizes)
        found = sizes.ravel()[zones].astype(np.int64)
        largest = int(found.max())
        cells = (self._levels.ravel()[zones] - 1) * largest + found - 1
        counts = np.bincount(cells, minlength=self._most * largest)
        return counts.astype(float).reshape(1, self._most, largest)

    @cached_property
    def _neighbours(self) -> dict[str, np.ndarray]:
        """What depends on single neighbours: GLCM, GLDM and NGTDM."""
        steps = self._steps(self._distances)
        glcm = np.zeros((1, self._most, self._most, len(steps)))
        gldm = np.zeros((1, self._most, 4 * len(steps) + 1))
        ngtdm = np.zeros((1, self._most, 3))
        ngtdm[..., 2] = np.arange(1, self._most + 1)
        alpha = ctypes.c_int32(self._setting.get("gldm_a", 0))
        levels, arrays = ctypes.c_int64(self._most), addresses(glcm, gldm, ngtdm)
        self._library.count_neighbours(*self._walk(steps), alpha, levels, *arrays)
        return {"glcm": glcm, "gldm": gldm, "ngtdm": ngtdm}

    def _steps(self, distances: Sequence[int]) -> np.ndarray:
        """Return the directions within the region's box, or its slices."""
        flat = self._setting.get("force2Ddimension", 0) if self._setting.get("force2D") else None
        steps = directions(tuple(distances), self._sides, flat)
        if not len(steps):
            sides = " x ".join(map(str, self._sides[::-1]))
            raise InputError(
                f"no two voxels of a mask's box of {sides} voxels are setting.distances "
                f"{list(distances)} apart",
                remedy="Take shorter distances in the panel's file",
            )
        return steps

    def _walk(self, steps: np.ndarray) -> tuple[Any, ...]:
        """Return the first arguments of each function of `compiled.c`."""
        levels, shape, directions = addresses(self._levels, self._shape, steps)
        margin, count = ctypes.c_int64(self._margin), ctypes.c_int64(len(steps))
        return levels, shape, margin, directions, count
