"""Embeddings: what the frozen convolutions make of each image, computed once and kept."""

import logging
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from taceflow.dlopctr.convolutions.batches import fixed_batches, read_ahead
from taceflow.dlopctr.convolutions.images import (
    Sampling,
    augmented_view,
    read_slices,
    slice_images,
)
from taceflow.dlopctr.convolutions.network import Convolutions, FrozenNetwork
from taceflow.dlopctr.device import enough_gpu_memory
from taceflow.errors import InputError
from taceflow.files.tables import write_table

_LOG = logging.getLogger(__name__)

_LOG_EVERY_PATIENTS = 20


@enough_gpu_memory()
def embed_patients(
    convolutions: Convolutions,
    sampling: Sampling,
    *,
    patches: list[str],
    embeddings: str,
    threads: int,
) -> None:
    """Embed the patients of one bucket.

    Parameters
    ----------
    convolutions : Convolutions
    sampling : Sampling
    patches : list of str
        ``<patient>.nii.gz`` of each patient.
    embeddings : str
        Parquet file to write: patient_id, slice, view, e0000 to e2047 (float32).
    threads : int
        Patches read at a time beside a GPU.

    Raises
    ------
    ConfigurationError
        If a GPU is asked for and there is none.
    InputError
        If a patch cannot be used, or an embedding is not finite.
    """
    network = convolutions.load()
    computing = network.computing
    prepare = partial(_images_of, sampling=sampling)
    started = time.perf_counter()
    keys: list[pd.DataFrame] = []

    def stream() -> Iterator[torch.Tensor]:
        # a CPU computes while one thread reads; beside a GPU all of them read
        ahead = read_ahead(prepare, sorted(patches), threads if computing.on_gpu else 1)
        for number, (rows, grey) in enumerate(ahead, start=1):
            keys.append(rows)
            yield grey
            if number % _LOG_EVERY_PATIENTS == 0:
                _LOG.info("%d of %d patients", number, len(patches))

    vectors = embed(network, stream())
    table = pd.concat(keys, ignore_index=True)
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        patient = table["patient_id"][int(np.flatnonzero(~finite)[0])]
        remedy = (
            "Say dlopctr.precision: float32"
            if computing.dtype != torch.float32
            else "Other weights of the network may help: dlopctr.backbone"
        )
        raise InputError("the embedding is not finite", patient=patient, remedy=remedy)
    _LOG.info(
        "%d patients, %d images in %.1f s on %s in %s",
        len(keys),
        len(table),
        time.perf_counter() - started,
        computing.device,
        computing.dtype,
    )
    columns = [f"e{number:04d}" for number in range(vectors.shape[1])]
    write_table(table.join(pd.DataFrame(vectors, columns=columns)), embeddings, "embeddings")


def _images_of(path: str, sampling: Sampling) -> tuple[pd.DataFrame, torch.Tensor]:
    """Return patient_id, slice and view of a patient's images, and the images in grey."""
    patient = Path(path).name.removesuffix(".nii.gz")
    values, positions = read_slices(path, patient, sampling)
    images, views = slice_images(values, positions), range(sampling.views)
    grey = torch.cat([augmented_view(images, patient, view, sampling.seed) for view in views])
    keys = pd.DataFrame(
        {
            "patient_id": patient,
            "slice": np.tile(positions, len(views)),
            "view": np.repeat(views, len(positions)),
        }
    )
    return keys, grey


def embed(network: FrozenNetwork, parts: Iterable[torch.Tensor]) -> np.ndarray:
    """Return the embeddings of a stream of images.

    Parameters
    ----------
    network : FrozenNetwork
    parts : iterable of torch.Tensor, each of shape (any number, 1, rows, columns)
        Grey values in [0, 1]; how they are parted changes no number.

    Returns
    -------
    numpy.ndarray of shape (images, 2048)
        float32.
    """
    count = 0

    def counted() -> Iterator[torch.Tensor]:
        nonlocal count
        for part in parts:
            count += len(part)
            yield part

    # results stay on the device: it never waits for a copy
    vectors = [
        network.maps(batch).float().mean(dim=(2, 3))
        for batch in fixed_batches(counted(), network.computing.batch_images)
    ]
    return torch.cat(vectors)[:count].cpu().numpy()
