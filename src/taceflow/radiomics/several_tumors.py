"""Several tumours of one patient: measured one by one, and averaged."""

import numpy as np
import SimpleITK as sitk

from taceflow.imaging.masks.tumors import split_tumors
from taceflow.radiomics.mask_boxes import count_voxels


def separate_tumors(
    masks: dict[str, sitk.Image], minimum_voxels: int
) -> dict[tuple[str, int], sitk.Image]:
    """Split every reading into its connected tumours, by reading and rank, the largest first.

    Tumours of fewer voxels are left out, unless there is no larger one.
    """
    regions = {}
    for name, mask in masks.items():
        largest, *others = split_tumors(mask)
        kept = [largest, *(one for one in others if count_voxels(one) >= minimum_voxels)]
        regions |= {(name, rank): tumor for rank, tumor in enumerate(kept)}
    return regions


def average_tumors(
    measured: dict[tuple[str, int], dict[str, float]], regions: dict[tuple[str, int], sitk.Image]
) -> dict[str, dict[str, float]]:
    """Return the features of each reading: the mean over its tumours, weighted by their volume.

    Parameters
    ----------
    measured : dict
        The features of each tumour by name.
    regions : dict
        Their masks.
    """
    tumors: dict[str, list[tuple[str, int]]] = {}
    for key in measured:
        tumors.setdefault(key[0], []).append(key)
    means = {}
    for reading, keys in tumors.items():
        voxels = [count_voxels(regions[key]) for key in keys]
        values = np.array([list(measured[key].values()) for key in keys])
        sums = _compensated_sum(values * np.array(voxels)[:, None])
        means[reading] = dict(zip(measured[keys[0]], (sums / sum(voxels)).tolist(), strict=True))
    return means


def _compensated_sum(rows: np.ndarray) -> np.ndarray:
    """Return the sum over rows (Kahan 1965, Commun ACM 8:40), as pandas sums groups."""
    total, lost = np.zeros(rows.shape[1]), np.zeros(rows.shape[1])
    for row in rows:
        added = row - lost
        new = total + added
        lost, total = (new - total) - added, new
    return total
