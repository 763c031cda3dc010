"""Embeddings: what the frozen convolutions make of each image, computed once and kept."""

import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from taceflow.dlopctr.convolutions.batches import fixed_batches, read_ahead
from taceflow.dlopctr.convolutions.images import (
    Sampling,
    augmented_view,
    read_slices,
    slice_images,
)
from taceflow.dlopctr.convolutions.network import Convolutions, FrozenNetwork
from taceflow.dlopctr.dataset import write_embeddings
from taceflow.dlopctr.device import enough_gpu_memory
from taceflow.errors import InputError

_LOG = logging.getLogger(__name__)

_LOG_EVERY_PATIENTS = 20


def embed_patients(
    convolutions: Convolutions,
    sampling: Sampling,
    patients: Sequence[str],
    *,
    patches: str,
    embeddings: str,
    threads: int,
) -> Iterator[tuple[str, None]]:
    """Embed patients; batches go across them.

    Parameters
    ----------
    convolutions : Convolutions
    sampling : Sampling
    patients : sequence of str
    patches, embeddings : str
        File to read, and ``.npz`` to write, of a ``{patient}``. Written are ``slice`` and ``view``
        (images,), and ``vectors`` (images, 2048), float32.
    threads : int
        Patches read at a time beside a GPU.

    Yields
    ------
    tuple of str and None
        Each patient whose file is written.

    Raises
    ------
    ConfigurationError
        If a GPU is asked for and there is none.
    InputError
        If a patch cannot be used, or an embedding is not finite.
    """
    begun: deque[_Images] = deque()

    def stream() -> Iterator[torch.Tensor]:
        read = partial(_images_of, patches, sampling)
        # a CPU computes while one thread reads; beside a GPU all of them read
        for own in read_ahead(read, patients, threads if computing.on_gpu else 1):
            begun.append(own)
            yield own.grey

    with enough_gpu_memory():
        network = convolutions.load()
        computing = network.computing
        started = time.perf_counter()
        done = images = 0
        parts: list[np.ndarray] = []
        for part in _batches(network, stream()):
            vectors = np.concatenate([*parts, part])
            while begun and len(begun[0].slices) <= len(vectors):
                own = begun.popleft()
                count = len(own.slices)
                _write(own, vectors[:count], embeddings, computing.dtype)
                vectors, images, done = vectors[count:], images + count, done + 1
                if done % _LOG_EVERY_PATIENTS == 0:
                    _LOG.info("%d of %d patients", done, len(patients))
                yield own.patient, None
            parts = [vectors]
        _LOG.info(
            "%d patients, %d images in %.1f s on %s in %s",
            *(done, images, time.perf_counter() - started),
            *(computing.device, computing.dtype),
        )


@dataclass(frozen=True, kw_only=True)
class _Images:
    """A patient's images in grey, with the slice and the view of each."""

    patient: str
    grey: torch.Tensor
    slices: np.ndarray
    views: np.ndarray


def _images_of(patches: str, sampling: Sampling, patient: str) -> _Images:
    values, positions = read_slices(patches.format(patient=patient), patient, sampling)
    images, views = slice_images(values, positions), range(sampling.views)
    return _Images(
        patient=patient,
        grey=torch.cat([augmented_view(images, patient, view, sampling.seed) for view in views]),
        slices=np.tile(positions, len(views)),
        views=np.repeat(views, len(positions)),
    )


def _write(own: _Images, vectors: np.ndarray, embeddings: str, dtype: torch.dtype) -> None:
    if not np.isfinite(vectors).all():
        remedy = (
            "Say dlopctr.precision: float32"
            if dtype != torch.float32
            else "Other weights of the network may help: dlopctr.backbone"
        )
        raise InputError("the embedding is not finite", patient=own.patient, remedy=remedy)
    path = embeddings.format(patient=own.patient)
    write_embeddings(path, slices=own.slices, views=own.views, vectors=vectors)


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
    parts = list(parts)
    return np.concatenate(list(_batches(network, parts)))[: sum(map(len, parts))]


def _batches(network: FrozenNetwork, parts: Iterable[torch.Tensor]) -> Iterator[np.ndarray]:
    """Yield the embeddings of a stream of images, batch by batch; the last is filled up."""
    before: list[torch.Tensor] = []
    for batch in fixed_batches(parts, network.computing.batch_images):
        vectors = network.maps(batch).float().mean(dim=(2, 3))
        # a batch behind: a GPU has the next one before it hands over the last
        yield from (done.cpu().numpy() for done in before)
        before = [vectors]
    yield from (done.cpu().numpy() for done in before)
