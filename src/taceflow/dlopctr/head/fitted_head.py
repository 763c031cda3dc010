"""A fitted head applied: survival curves from embeddings. Without torch, to spare its import."""

import json
import zlib
from dataclasses import dataclass

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file
from scipy.special import expit

from taceflow.errors import WeightsError
from taceflow.files.atomic import atomic_path
from taceflow.files.stored_files import damaged, reading

SCORE_LIMIT = 30.0
"""Scores of proportional hazards are clipped here: a hazard e^30 times the baseline's is beyond
telling apart, and its exponential still far from the largest number of single precision."""

_PARTS = ("weight", "bias", "centre", "scale")
_FIRST = "seed1.final"
_KINDS = ("flexible", "proportional_hazards")


@dataclass(frozen=True)
class Head:
    """The last layer with the standardisation of what goes into it.

    Parameters
    ----------
    weight : numpy.ndarray of shape (outputs, features)
        One output an interval, or one in all under proportional hazards.
    bias : numpy.ndarray of shape (intervals,)
        Logit of the probability to survive an interval where the outputs are 0.
    centre, scale : numpy.ndarray of shape (features,)
        An input x enters as (x - centre) / scale.
    kind : str
        ``flexible``, or ``proportional_hazards``: p_ij = sigmoid(bias_j) ** exp(output_i).
    """

    weight: np.ndarray
    bias: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    kind: str = "flexible"

    def curves(self, vectors: np.ndarray) -> np.ndarray:
        """Return survival at the end of each interval.

        Parameters
        ----------
        vectors : numpy.ndarray of shape (images, features)

        Returns
        -------
        numpy.ndarray of shape (images, intervals)
            Running product of the probabilities to survive an interval.
        """
        outputs = ((vectors.astype(np.float64) - self.centre) / self.scale) @ self.weight.T
        if self.kind == "flexible":
            return np.cumprod(expit(outputs + self.bias), axis=1)
        hazard = np.cumsum(np.logaddexp(0, -self.bias))
        return np.exp(-hazard * np.exp(np.clip(outputs, -SCORE_LIMIT, SCORE_LIMIT)))


def patient_means(curves: np.ndarray, owner: np.ndarray, patients: int) -> np.ndarray:
    """Return the mean curve of each patient's images.

    Parameters
    ----------
    curves : numpy.ndarray of shape (images, intervals)
    owner : numpy.ndarray of shape (images,)
        Patient of each image, 0 to ``patients - 1``; each has at least one.
    patients : int

    Returns
    -------
    numpy.ndarray of shape (patients, intervals)
    """
    sums = np.zeros((patients, curves.shape[1]))
    np.add.at(sums, owner, curves)
    return sums / np.bincount(owner, minlength=patients)[:, None]


def save_heads(heads: dict[str, Head], path: str, description: dict[str, str]) -> None:
    """Write heads to a safetensors file.

    Parameters
    ----------
    heads : dict
        Name of the fit (``seed1.final``, ``seed1.fold1``, ...) to head; tensors are called
        ``<fit>.<part>``.
    path : str
        The file to write.
    description : dict
        Text kept in the file's header.
    """
    tensors = {
        f"{name}.{part}": np.ascontiguousarray(getattr(head, part))
        for name, head in heads.items()
        for part in _PARTS
    }
    kinds = sorted({head.kind for head in heads.values()})
    # one entry: safetensors writes several in an order of its own, and no two files were equal
    facts = {"head": ",".join(kinds), "crc32": _checksum(tensors)}
    header = {"description": json.dumps(description | facts)}
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, metadata=header)


def load_heads(path: str, *, features: int | None = None, intervals: int) -> dict[str, Head]:
    """Read the heads that `save_heads` wrote.

    Parameters
    ----------
    path : str
        The file.
    features, intervals : int
        Numbers that the embeddings and ``breaks.json`` have; features are not checked if None.

    Raises
    ------
    DamagedFileError
        If the file is no such file, or not what was written.
    WeightsError
        If its heads are another network's.
    """
    with reading(path), safe_open(path, framework="numpy") as opened:
        described = json.loads((opened.metadata() or {}).get("description", "{}"))
        tensors = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
        kind = described.get("head")
        names = sorted({key.rsplit(".", 1)[0] for key in tensors})
        heads = {
            name: Head(**{part: tensors[f"{name}.{part}"] for part in _PARTS}, kind=kind)
            for name in names
        }
    if described.get("crc32") != _checksum(tensors):
        raise damaged(path, "is cut or damaged")
    if _FIRST not in heads:
        raise WeightsError(f"{path} holds no head called '{_FIRST}'. Fit it again")
    if kind not in _KINDS:
        raise WeightsError(
            f"{path} holds heads of the kind {kind!r}, expected one of {', '.join(_KINDS)}: it was "
            "written by another program or version. Delete the file and fit it again"
        )
    for name, head in heads.items():
        found = {"intervals": len(head.bias), "features": head.weight.shape[1]}
        wanted = {"intervals": intervals, "features": features or found["features"]}
        if found != wanted:
            raise WeightsError(
                f"{path} holds heads of another network: {name} has {found['features']} features "
                f"and {found['intervals']} intervals, the embeddings and breaks.json have "
                f"{wanted['features']} and {wanted['intervals']}. Delete the file and fit it again"
            )
    return heads


def _checksum(tensors: dict[str, np.ndarray]) -> int:
    """Return a checksum of names and values; safetensors has none."""
    found = 0
    for name in sorted(tensors):
        found = zlib.crc32(np.ascontiguousarray(tensors[name]), zlib.crc32(name.encode(), found))
    return found
