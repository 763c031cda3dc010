"""A fitted head applied: survival curves from embeddings. Without torch, to spare its import."""

import json
from dataclasses import dataclass

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from scipy.special import expit

from taceflow.errors import WeightsError
from taceflow.tables import atomic_path

_PARTS = ("weight", "bias", "centre", "scale")


@dataclass(frozen=True)
class Head:
    """The last layer with the standardisation of what goes into it.

    Parameters
    ----------
    weight : numpy.ndarray of shape (intervals, features)
    bias : numpy.ndarray of shape (intervals,)
    centre, scale : numpy.ndarray of shape (features,)
        An input x enters as (x - centre) / scale.
    """

    weight: np.ndarray
    bias: np.ndarray
    centre: np.ndarray
    scale: np.ndarray

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
        inputs = (vectors.astype(np.float64) - self.centre) / self.scale
        return np.cumprod(expit(inputs @ self.weight.T + self.bias), axis=1)


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


def survival_at(
    curves: np.ndarray, breaks_months: np.ndarray, months: float, *, starts_at_one: bool = True
) -> np.ndarray:
    """Interpolate survival curves linearly between the breaks.

    From the first inner break on this is what the loss's authors do (``nnet_pred_surv``). Before
    it their code holds the value of the first inner break; here S(0) = 1 unless asked otherwise.
    Beyond the last break the curve stays level.

    Parameters
    ----------
    curves : numpy.ndarray of shape (patients, intervals)
        Survival at the end of each interval.
    breaks_months : numpy.ndarray of shape (intervals + 1,)
    months : float
        The horizon.
    starts_at_one : bool
        False gives the authors' values within the first interval.

    Returns
    -------
    numpy.ndarray of shape (patients,)
    """
    breaks = np.asarray(breaks_months, dtype=float)
    if starts_at_one:
        curves = np.column_stack([np.ones(len(curves)), curves])
    else:
        breaks = breaks[1:]
    return np.array([np.interp(months, breaks, curve) for curve in curves])


def save_heads(heads: dict[str, Head], path: str, description: dict[str, str]) -> None:
    """Write heads to a safetensors file.

    Parameters
    ----------
    heads : dict
        Name of the fit (``final``, ``fold1``, ...) to head; tensors are called ``<fit>.<part>``.
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
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, metadata={"description": json.dumps(description)})


def load_heads(path: str) -> dict[str, Head]:
    """Read the heads that `save_heads` wrote.

    Raises
    ------
    WeightsError
        If the file is no such file.
    """
    try:
        with safe_open(path, framework="numpy") as tensors:
            names = sorted({key.rsplit(".", 1)[0] for key in tensors.keys()})  # noqa: SIM118
            heads = {
                name: Head(**{part: tensors.get_tensor(f"{name}.{part}") for part in _PARTS})
                for name in names
            }
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path} holds no fitted heads: {error}. Fit them again") from error
    if "final" not in heads:
        raise WeightsError(f"{path} holds no head called 'final'. Fit it again")
    return heads
