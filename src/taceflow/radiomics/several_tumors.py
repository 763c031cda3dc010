"""Several tumours of one patient: measured one by one, and averaged."""

import pandas as pd
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


def average_tumors(table: pd.DataFrame, regions: dict[tuple[str, int], sitk.Image]) -> pd.DataFrame:
    """Return one row a reading: the mean over its tumours, weighted by their volume.

    `table` has one row a tumour, in the order of `regions`.
    """
    voxels = pd.Series([count_voxels(tumor) for tumor in regions.values()], index=table.index)
    sums = table.mul(voxels, axis=0).groupby(level=0, sort=False).sum()
    return sums.div(voxels.groupby(level=0, sort=False).sum(), axis=0)
