"""From a tumour's patch to the images that the network sees."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
import torch
from torch.nn import functional

from taceflow.errors import InputError
from taceflow.files.volumes.stored import read_volume
from taceflow.wording.counts import agreeing, counted

IMAGE_SIZE_PX = 224
"""Side of an image, as the study's network and its ImageNet weights expect."""

_MOST_ROTATION_DEG = 10.0
_MOST_SCALE_CHANGE = 0.1
_MOST_GAIN_CHANGE = 0.1
_MOST_SHIFT = 0.05
_TOLERANCE = 1e-4


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Which images are made of a patch.

    Attributes
    ----------
    slices : int
        Images a patient, evenly spaced over the tumour.
    margin_mm : float
        Margin that the patch has around the tumour.
    views : int
        Views of each image; view 0 is the image itself.
    seed : int
        Seed of the augmented views.
    """

    slices: int
    margin_mm: float
    views: int = 1
    seed: int = 0


def read_patch(path: str, patient: str) -> tuple[np.ndarray, float]:
    """Read and check a patch.

    Parameters
    ----------
    path : str
        A NIfTI volume of grey values in [0, 1].
    patient : str
        The study's id, for messages.

    Returns
    -------
    values : numpy.ndarray of shape (slices, rows, columns)
        float32, axial slices first.
    slice_spacing_mm : float

    Raises
    ------
    InputError
        If the patch is no volume, has one slice, holds values that are not finite or outside
        [0, 1], or is constant.
    """
    image = read_volume(path, output=path)
    values = sitk.GetArrayFromImage(image).astype(np.float32)
    remedy = "Look at the patient's quality-control picture: mask and phase"
    problem = _problem(values)
    if problem:
        raise InputError(problem, patient=patient, file=path, remedy=remedy)
    return values, float(image.GetSpacing()[2])


def _problem(values: np.ndarray) -> str | None:
    if values.ndim != 3:
        return f"the patch has {values.ndim} dimensions, expected 3"
    if values.shape[0] < 2:
        return "the patch has one axial slice, at least two are needed"
    bad = int((~np.isfinite(values)).sum())
    if bad:
        return (
            f"the patch holds {counted(bad, 'value')} that {agreeing(bad, 'is', 'are')} not finite"
        )
    low, high = float(values.min()), float(values.max())
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        return f"the patch runs from {low:.4g} to {high:.4g}, expected grey values in [0, 1]"
    if high - low < _TOLERANCE:
        return f"the patch is constant ({low:.4g} everywhere)"
    return None


def read_slices(path: str, patient: str, sampling: Sampling) -> tuple[np.ndarray, np.ndarray]:
    """Read a patch and choose slices of it.

    Parameters
    ----------
    path, patient : str
        As for `read_patch`, which says what is refused.
    sampling : Sampling

    Returns
    -------
    values : numpy.ndarray of shape (slices, rows, columns)
    positions : numpy.ndarray of int
    """
    values, spacing_mm = read_patch(path, patient)
    margin = math.ceil(sampling.margin_mm / spacing_mm)
    return values, choose_slices(len(values), sampling.slices, margin)


def choose_slices(depth: int, slices: int, margin: int) -> np.ndarray:
    """Choose axial slices evenly over the tumour.

    The tumour's slices are cut into as many equal parts as images are wanted; each part gives
    its middle slice. A tumour of fewer slices gives them all.

    Parameters
    ----------
    depth : int
        Slices of the patch.
    slices : int
        Images wanted.
    margin : int
        Slices of margin at either end, left out unless nothing else is there.

    Returns
    -------
    numpy.ndarray of int
        Increasing positions in the patch, at most `slices` of them.
    """
    first, count = margin, depth - 2 * margin
    if count < 1:
        first, count = 0, depth
    wanted = min(slices, count)
    return first + ((np.arange(wanted) + 0.5) * count / wanted).astype(int)


def slice_images(values: np.ndarray, positions: np.ndarray) -> torch.Tensor:
    """Resize slices to the network's size (bilinear, with antialiasing when they shrink).

    Parameters
    ----------
    values : numpy.ndarray of shape (slices, rows, columns)
        The patch.
    positions : numpy.ndarray of int
        Slices to take.

    Returns
    -------
    torch.Tensor of shape (images, 1, 224, 224)
        Grey values in [0, 1].
    """
    chosen = torch.from_numpy(np.ascontiguousarray(values[positions])).float()[:, None]
    size = (IMAGE_SIZE_PX, IMAGE_SIZE_PX)
    return functional.interpolate(
        chosen, size=size, mode="bilinear", align_corners=False, antialias=True
    )


def augmented_view(images: torch.Tensor, patient: str, view: int, seed: int) -> torch.Tensor:
    """Return one view of a patient's images; view 0 is the images themselves.

    Flips, rotations up to 10 degrees, scale within 10%, contrast within 10% and brightness within
    0.05: nothing that changes what a radiologist would read. Draws follow from the patient's id,
    the view and the seed, never from who else is in the cohort.

    Parameters
    ----------
    images : torch.Tensor of shape (images, 1, rows, columns)
        Grey values in [0, 1].
    patient : str
        The study's id.
    view : int
        0, 1, 2, ...
    seed : int
        Seed of all views.

    Returns
    -------
    torch.Tensor of shape (images, 1, rows, columns)
        Grey values in [0, 1].
    """
    if view == 0:
        return images
    source = hashlib.sha256(f"{seed}/{view}/{patient}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(source[:8], "big"))
    # one column a draw, so that an image keeps its draws when the number of images changes
    draws = random.uniform(-1, 1, size=(len(images), 6))
    angle = np.deg2rad(_MOST_ROTATION_DEG) * draws[:, 0]
    scale = 1 + _MOST_SCALE_CHANGE * draws[:, 1]
    flip_x, flip_y = np.sign(draws[:, 2]), np.sign(draws[:, 3])
    affine = np.zeros((len(images), 2, 3))
    affine[:, 0, 0] = flip_x * np.cos(angle) * scale
    affine[:, 0, 1] = -flip_x * np.sin(angle) * scale
    affine[:, 1, 0] = flip_y * np.sin(angle) * scale
    affine[:, 1, 1] = flip_y * np.cos(angle) * scale
    grid = functional.affine_grid(
        torch.from_numpy(affine).float(), list(images.shape), align_corners=False
    )
    moved = functional.grid_sample(
        images, grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    gain = torch.from_numpy(1 + _MOST_GAIN_CHANGE * draws[:, 4]).float()[:, None, None, None]
    shift = torch.from_numpy(_MOST_SHIFT * draws[:, 5]).float()[:, None, None, None]
    return (0.5 + gain * (moved - 0.5) + shift).clamp(0, 1)
