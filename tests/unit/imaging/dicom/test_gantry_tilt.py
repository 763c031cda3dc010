"""A tilted gantry: refused, or its slices brought behind each other."""

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series


def ball(positions: np.ndarray, centre: np.ndarray, radius: float, shape, spacing) -> np.ndarray:
    """Sample a ball of 60 HU in air on axial planes, antialiased, positions in mm."""
    fine = (np.arange(4) - 1.5) / 4
    planes = []
    for x, y, z in positions:
        rows = y + spacing[0] * np.add.outer(np.arange(shape[0]), fine).ravel()
        columns = x + spacing[1] * np.add.outer(np.arange(shape[1]), fine).ravel()
        away = np.hypot.outer(rows - centre[1], columns - centre[0])
        inside = away**2 + (z - centre[2]) ** 2 < radius**2
        share = inside.reshape(shape[0], 4, shape[1], 4).mean(axis=(1, 3))
        planes.append(np.rint(1060 * share - 1000))
    return np.array(planes).astype("<i2")


@pytest.mark.parametrize("degrees", [18, -18])
def test_a_tilted_gantry_is_refused_or_straightened(write, dcm2niix, degrees, problem_of):
    spacing, centre, radius = (0.9, 0.7), np.array([3.0, 4.0, 130.0]), 15.0
    step = np.array([0, -2 * np.tan(np.radians(degrees)), 2])
    origin = np.array([-20.0, -22.0 + 15 * np.tan(np.radians(degrees)) * 2, 100.0])
    positions = origin + np.outer(np.arange(30), step)
    stored = ball(positions, centre, radius, (60, 64), spacing)
    # the tag lies, geometry decides
    folder = write(stored, origin=origin, step=step, RescaleIntercept=0, GantryDetectorTilt=degrees)
    assert "tilted by 18.00 degrees, imaging.gantry_tilt is refuse" in problem_of(folder)
    (series,) = list_series(folder)
    image = load_series(series, patient="P", gantry_tilt="resample")
    assert image.GetSpacing() == pytest.approx((0.7, 0.9, 2))
    assert image.GetSize()[1] > 60
    assert sitk.GetArrayViewFromImage(image).min() == -1024

    def centroid(volume):
        """Centre and volume of the ball, each voxel by its share between air and 60 HU."""
        share = np.clip((sitk.GetArrayFromImage(volume).astype(float) + 1000) / 1060, 0, 1)
        share[share < 0.02] = 0
        z, y, x = (np.average(index, weights=share) for index in np.indices(share.shape))
        middle = volume.TransformContinuousIndexToPhysicalPoint((x, y, z))
        return np.array(middle), share.sum() * np.prod(volume.GetSpacing())

    middle, amount = centroid(image)
    assert np.abs((middle - centre) / image.GetSpacing()).max() < 0.5
    assert amount == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.01)
    (theirs,) = (volume for name, volume in dcm2niix(folder).items() if "Tilt" in name)
    other, _ = centroid(theirs)
    assert np.abs((other - middle) / image.GetSpacing()).max() < 0.5


def test_the_tilt_tag_alone_tilts_nothing(write, phantom):
    (series,) = list_series(write(phantom, GantryDetectorTilt=15))
    assert load_series(series, patient="P").GetSize() == (36, 40, 8)
