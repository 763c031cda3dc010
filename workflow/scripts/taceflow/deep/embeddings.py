"""Embeddings: what the frozen convolutions make of each image, computed once and kept."""

import logging
import math
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from taceflow.deep.backbone import FEATURES, fused, load_backbone
from taceflow.deep.images import (
    augmented_view,
    choose_slices,
    network_input,
    read_patch,
    slice_images,
)
from taceflow.errors import InputError
from taceflow.tables import read_json, write_table

_LOG = logging.getLogger(__name__)

FEATURE_COLUMNS = [f"e{number:04d}" for number in range(FEATURES)]


def embed_patients(
    patches: list[str],
    weights: str,
    description: str,
    embeddings: str,
    slices: int,
    views: int,
    seed: int,
    margin_mm: float,
    threads: int,
) -> None:
    """Embed the patients of one bucket.

    A batch is one patient, so that nobody's numbers depend on who shares the bucket.

    Parameters
    ----------
    patches : list of str
        ``<patient>.nii.gz`` of each patient.
    weights, description : str
        The convolutions' safetensors and their JSON.
    embeddings : str
        Parquet file to write: patient_id, slice, view, e0000 to e2047 (float32).
    slices : int
        Images a patient, evenly spaced over the tumour.
    views : int
        Views of each image; view 0 is the image itself.
    seed : int
        Seed of the augmented views.
    margin_mm : float
        Margin that the patch has around the tumour.
    threads : int
        CPU threads.

    Raises
    ------
    InputError
        If a patch cannot be used.
    """
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    # TF32 would make the numbers of a GPU differ from those of a CPU in the third digit
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    normalisation = read_json(description)
    network = fused(load_backbone(weights)).to(device)
    tables = []
    for number, path in enumerate(sorted(patches), start=1):
        started = time.perf_counter()
        patient = Path(path).name.removesuffix(".nii.gz")
        values, spacing_mm = read_patch(path, patient)
        positions = choose_slices(len(values), slices, math.ceil(margin_mm / spacing_mm))
        images = slice_images(values, positions)
        seen = torch.cat([augmented_view(images, patient, view, seed) for view in range(views)])
        batch = network_input(seen, normalisation["channel_means"], normalisation["channel_scales"])
        table = pd.DataFrame(embed(network, batch, device), columns=FEATURE_COLUMNS)
        if not np.isfinite(table.to_numpy()).all():
            raise InputError("the embedding is not finite", patient=patient, file=path)
        table.insert(0, "view", np.repeat(np.arange(views), len(positions)))
        table.insert(0, "slice", np.tile(positions, views))
        table.insert(0, "patient_id", patient)
        tables.append(table)
        _LOG.info("patient %s embedded (%d of %d): %d images in %.1f s on %s", patient, number,
                  len(patches), len(seen), time.perf_counter() - started, device)  # fmt: skip
    write_table(pd.concat(tables, ignore_index=True), embeddings, "embeddings")


@torch.inference_mode()
def embed(network: nn.Module, batch: torch.Tensor, device: torch.device) -> np.ndarray:
    """Return the embeddings of a batch.

    Parameters
    ----------
    network : torch.nn.Module
        The frozen convolutions, on `device`.
    batch : torch.Tensor of shape (images, 3, rows, columns)
        Normalised images.
    device : torch.device
        Where to compute.

    Returns
    -------
    numpy.ndarray of shape (images, 2048)
        float32.
    """
    batch = batch.to(device).contiguous(memory_format=torch.channels_last)
    return network(batch).float().cpu().numpy()
