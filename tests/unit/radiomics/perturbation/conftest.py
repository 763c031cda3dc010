"""Balls that are perturbed."""

import numpy as np
import pytest
import SimpleITK as sitk


@pytest.fixture(scope="session")
def ball():
    def ball(radius_mm, spacing_mm=(1.0, 1.0, 1.0), margin_mm=8.0, offset=0.13):
        """A mask of a ball, and its centre as an index, z, y, x."""
        spacing = np.array(spacing_mm[::-1])
        size = np.ceil(2 * (radius_mm + margin_mm) / spacing).astype(int)
        centre = (size - 1) / 2 + offset
        away = (np.indices(size) - centre[:, None, None, None]) * spacing[:, None, None, None]
        mask = sitk.GetImageFromArray(((away**2).sum(axis=0) < radius_mm**2).astype(np.uint8))
        mask.SetSpacing(spacing_mm)
        return mask, centre

    return ball


@pytest.fixture(scope="session")
def voxels():
    def voxels(mask):
        return int(sitk.GetArrayViewFromImage(mask).sum())

    return voxels
