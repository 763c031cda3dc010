"""What goes into the network's last stage, kept, so that this stage alone can be tuned."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from safetensors import safe_open
from safetensors.numpy import save_file

from taceflow.dlopctr.convolutions.embeddings import pass_through
from taceflow.dlopctr.convolutions.images import Sampling
from taceflow.dlopctr.convolutions.network import Convolutions, third_maps
from taceflow.files.atomic import atomic_path
from taceflow.files.stored_files import reading

_KEYS = ("slice", "view")


@dataclass(frozen=True)
class StageInputs:
    """Inputs of the last stage.

    Attributes
    ----------
    keys : pandas.DataFrame
        patient_id, slice and view of each image.
    maps : numpy.ndarray of shape (images, 1024, 14, 14)
        float16, between -1 and 1.
    scale : numpy.ndarray of shape (images,)
        Largest absolute value of each image: what `maps` was divided by.
    """

    keys: pd.DataFrame
    maps: np.ndarray
    scale: np.ndarray


def write_stage_inputs(
    convolutions: Convolutions, sampling: Sampling, *, patches: list[str], maps: str, threads: int
) -> None:
    """Keep the inputs of the last stage of one bucket's patients.

    Half precision spans five orders of magnitude, random convolutions give millions: each image is
    divided by its largest value first, and an embedding then moves by a ten-thousandth of its
    length.

    Parameters
    ----------
    convolutions, sampling, patches, threads
        As for `embed_patients`.
    maps : str
        safetensors to write: ``<patient>.maps``, ``.scale``, ``.slice``, ``.view``.
    """
    keys, values = pass_through(third_maps, convolutions, sampling, patches, threads)
    scale = np.abs(values).max(axis=(1, 2, 3))
    scale[scale == 0] = 1
    tensors = {}
    for patient, rows in keys.groupby("patient_id").indices.items():
        own = values[rows] / scale[rows, None, None, None]
        # safetensors writes memory as it lies, and channels lie last
        tensors[f"{patient}.maps"] = np.ascontiguousarray(own, dtype=np.float16)
        tensors[f"{patient}.scale"] = scale[rows]
        for key in _KEYS:
            tensors[f"{patient}.{key}"] = keys[key].to_numpy(dtype=np.int64)[rows]
    with atomic_path(maps) as temporary:
        save_file(tensors, temporary)


def read_stage_inputs(paths: Sequence[str]) -> StageInputs:
    """Read the inputs of the last stage of all buckets.

    Raises
    ------
    DamagedFileError
        If a file is no such file.
    """
    keys, maps, scale = [], [], []
    for path in paths:
        with reading(path), safe_open(path, framework="numpy") as tensors:
            names = [name for name in tensors.keys() if name.endswith(".maps")]  # noqa: SIM118
            for patient in sorted(name.removesuffix(".maps") for name in names):
                own = {key: tensors.get_tensor(f"{patient}.{key}") for key in _KEYS}
                keys.append(pd.DataFrame({"patient_id": patient} | own))
                maps.append(tensors.get_tensor(f"{patient}.maps"))
                scale.append(tensors.get_tensor(f"{patient}.scale"))
    return StageInputs(
        pd.concat(keys, ignore_index=True), np.concatenate(maps), np.concatenate(scale)
    )
