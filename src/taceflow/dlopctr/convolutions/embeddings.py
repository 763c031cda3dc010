"""Embeddings: what the frozen convolutions make of each image, computed once and kept."""

import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from taceflow.dlopctr.convolutions.batches import fixed_batches, read_ahead
from taceflow.dlopctr.convolutions.images import (
    Sampling,
    augmented_view,
    choose_slices,
    network_input,
    read_patch,
    slice_images,
)
from taceflow.dlopctr.convolutions.network import FEATURES, Convolutions, embedding_of
from taceflow.dlopctr.device import Computing, enough_gpu_memory
from taceflow.errors import InputError
from taceflow.files.tables import write_table

_LOG = logging.getLogger(__name__)

FEATURE_COLUMNS = [f"e{number:04d}" for number in range(FEATURES)]

_LOG_EVERY_PATIENTS = 20


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
        If a patch cannot be used.
    """
    table, vectors = pass_through(embedding_of, convolutions, sampling, patches, threads)
    table = table.join(pd.DataFrame(vectors, columns=FEATURE_COLUMNS))
    write_table(table, embeddings, "embeddings")


@enough_gpu_memory()
def pass_through(
    work: Callable[[nn.Module, torch.Tensor], torch.Tensor],
    convolutions: Convolutions,
    sampling: Sampling,
    patches: list[str],
    threads: int,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Let the images of some patients through the frozen network, or through a part of it.

    Parameters
    ----------
    work : callable
        The fused network and images, as `last_maps` takes them, to what is wanted of them.
    convolutions, sampling, patches, threads
        As for `embed_patients`.

    Returns
    -------
    keys : pandas.DataFrame
        patient_id, slice and view of each image; patients in order.
    values : numpy.ndarray of shape (images, ...)
        float32.

    Raises
    ------
    InputError
        If a patch cannot be used, or a value is not finite.
    """
    network, described, computing = convolutions.load()
    means, scales = described["channel_means"], described["channel_scales"]
    prepare = partial(prepared_images, sampling=sampling)
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

    values = embed(network, stream(), means, scales, computing, work)
    table = pd.concat(keys, ignore_index=True)
    finite = np.isfinite(values).reshape(len(values), -1).all(axis=1)
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
    return table, values


def prepared_images(path: str, sampling: Sampling) -> tuple[pd.DataFrame, torch.Tensor]:
    """Read a patient's patch and make the images of it.

    Parameters
    ----------
    path : str
        ``<patient>.nii.gz``.
    sampling : Sampling

    Returns
    -------
    keys : pandas.DataFrame
        patient_id, slice and view of each image.
    grey : torch.Tensor of shape (images, 1, 224, 224)
        Grey values in [0, 1].

    Raises
    ------
    InputError
        If the patch cannot be used.
    """
    patient = Path(path).name.removesuffix(".nii.gz")
    values, spacing_mm = read_patch(path, patient)
    margin, views = math.ceil(sampling.margin_mm / spacing_mm), range(sampling.views)
    positions = choose_slices(len(values), sampling.slices, margin)
    images = slice_images(values, positions)
    grey = torch.cat([augmented_view(images, patient, view, sampling.seed) for view in views])
    keys = pd.DataFrame(
        {
            "patient_id": patient,
            "slice": np.tile(positions, len(views)),
            "view": np.repeat(views, len(positions)),
        }
    )
    return keys, grey


@torch.inference_mode()
def embed(
    network: nn.Module,
    parts: Iterable[torch.Tensor],
    channel_means: list[float],
    channel_scales: list[float],
    computing: Computing,
    work: Callable[[nn.Module, torch.Tensor], torch.Tensor] = embedding_of,
) -> np.ndarray:
    """Return the embeddings of a stream of images.

    Parameters
    ----------
    network : torch.nn.Module
        The frozen convolutions, on the device and in the type of `computing`.
    parts : iterable of torch.Tensor, each of shape (any number, 1, rows, columns)
        Grey values in [0, 1]; how they are parted changes no number.
    channel_means, channel_scales : list of float
        ImageNet's mean and standard deviation of each channel.
    computing : Computing
    work : callable
        As for `pass_through`.

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

    means = torch.tensor(channel_means, device=computing.device)
    scales = torch.tensor(channel_scales, device=computing.device)
    vectors = []
    for batch in fixed_batches(counted(), computing.batch_images):
        # one channel goes to the device, and results stay there: it never waits for a copy
        images = network_input(computing.to_device(batch), means, scales)
        images = images.to(computing.dtype).contiguous(memory_format=torch.channels_last)
        vectors.append(work(network, images).float())
    return torch.cat(vectors)[:count].cpu().numpy()
