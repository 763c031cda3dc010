"""Embeddings and follow-up, put together for training and prediction. Without torch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from taceflow.errors import InputError
from taceflow.files.atomic import atomic_path
from taceflow.files.stored_files import reading
from taceflow.files.tables import read_table, write_table
from taceflow.wording.counts import agreeing, counted

_KEYS = ["patient_id", "slice", "view"]


@dataclass(frozen=True)
class Images:
    """Images of some patients, with the patients' follow-up.

    Parameters
    ----------
    patients : numpy.ndarray of str, shape (patients,)
        The study's ids.
    time_months, event : numpy.ndarray of shape (patients,)
        Follow-up; 1 = died.
    vectors : numpy.ndarray of shape (views, images, features)
        float32; what goes into the head. View 0 is the image itself.
    owner : numpy.ndarray of shape (images,)
        Patient of each image, 0 to patients - 1.
    clinical : int
        How many of the last features are clinical values.
    """

    patients: np.ndarray
    time_months: np.ndarray
    event: np.ndarray
    vectors: np.ndarray
    owner: np.ndarray
    clinical: int = 0

    def take(self, chosen: np.ndarray) -> "Images":
        """Return the images of some patients.

        Parameters
        ----------
        chosen : numpy.ndarray of bool, shape (patients,)
            Which patients.
        """
        images = chosen[self.owner]
        place = np.cumsum(chosen) - 1
        return Images(
            self.patients[chosen],
            self.time_months[chosen],
            self.event[chosen],
            self.vectors[:, images],
            place[self.owner[images]],
            self.clinical,
        )

    def with_columns(self, columns: np.ndarray) -> "Images":
        """Append clinical values of the patient to each of the patient's images.

        Parameters
        ----------
        columns : numpy.ndarray of shape (patients, columns)
        """
        of_images = columns.astype(self.vectors.dtype)[None, self.owner]
        repeated = np.repeat(of_images, len(self.vectors), axis=0)
        vectors = np.concatenate([self.vectors, repeated], axis=2)
        return replace(self, vectors=vectors, clinical=columns.shape[1])

    def weights(self, weigh: str = "patients") -> np.ndarray:
        """Return each image's weight; all sum to 1.

        Parameters
        ----------
        weigh : str
            ``patients``: every patient weighs the same, however many images; ``images``: every
            image does.

        Returns
        -------
        numpy.ndarray of shape (images,)
        """
        if weigh == "images":
            return np.full(len(self.owner), 1 / len(self.owner))
        counts = np.bincount(self.owner, minlength=len(self.patients))
        return 1 / counts[self.owner] / len(self.patients)


@dataclass(frozen=True)
class Inputs:
    """What goes into the heads of one fit.

    Attributes
    ----------
    images : Images
        Of all patients, in the order of the cohort.
    usable : numpy.ndarray of bool, shape (patients,)
        Who has all that the fit takes.
    """

    images: Images
    usable: np.ndarray


def write_embeddings(
    path: str, *, slices: np.ndarray, views: np.ndarray, vectors: np.ndarray
) -> None:
    """Write what the convolutions say of one patient's images.

    Parameters
    ----------
    path : str
        ``<patient>.npz``.
    slices, views : numpy.ndarray of int, shape (images,)
    vectors : numpy.ndarray of float32, shape (images, 2048)
    """
    with atomic_path(path) as file:
        np.savez(file, slices=slices, views=views, vectors=vectors)


def collect_embeddings(parts: Sequence[str], embeddings: str) -> None:
    """Join the patients' embeddings into one table, ordered by patient, slice and view.

    Parameters
    ----------
    parts : sequence of str
        ``<patient>.npz`` of each, as `write_embeddings` wrote it.
    embeddings : str
        Parquet file to write: patient_id, slice, view, e0000 to e2047 (float32).

    Raises
    ------
    DamagedFileError
        If a file is cut.
    """
    keys, vectors = [], []
    for part in parts:
        with reading(part), np.load(part, allow_pickle=False) as packed:
            own = {
                "patient_id": Path(part).stem,
                "slice": packed["slices"],
                "view": packed["views"],
            }
            keys.append(pd.DataFrame(own))
            vectors.append(packed["vectors"])
    joined = np.concatenate(vectors)
    columns = [f"e{number:04d}" for number in range(joined.shape[1])]
    frame = pd.concat(keys, ignore_index=True).join(pd.DataFrame(joined, columns=columns))
    write_table(frame.sort_values(_KEYS, ignore_index=True), embeddings, "embeddings")


def load_images(embeddings: str, cohort: pd.DataFrame, *, standardise: bool) -> Images:
    """Read the embeddings of some patients.

    Parameters
    ----------
    embeddings : str
        ``dlopctr/embeddings.parquet``.
    cohort : pandas.DataFrame
        patient_id, time_months, event; the order of its rows is kept.
    standardise : bool
        Divide each embedding by its root mean square. Else the contrast and brightness of an image
        multiply all its features at once, and drown what distinguishes them (with random
        convolutions whose batch norm is at its initial statistics, most of all).

    Raises
    ------
    InputError
        If a patient has no embedding, an image lacks a view, or a value is not finite.
    """
    place = {patient: number for number, patient in enumerate(cohort["patient_id"])}
    table = read_table(embeddings)
    absent = set(place) - set(table["patient_id"])
    if absent:
        raise InputError(
            f"no embedding ({len(absent)} of {counted(len(cohort), 'patient')} "
            f"{agreeing(len(absent), 'has', 'have')} none)",
            patient=min(absent),
            file=embeddings,
            remedy="Delete the file and run again",
        )
    table = table[table["patient_id"].isin(list(place))]
    table = table.assign(place=table["patient_id"].map(place))
    table = table.sort_values(["view", "place", "slice"], ignore_index=True)
    views = [of_view[["place", "slice"]].to_numpy() for _, of_view in table.groupby("view")]
    if not all(np.array_equal(view, views[0]) for view in views):
        raise InputError(
            "not every image has every view",
            file=embeddings,
            remedy="Delete the file and run again",
        )
    values = table.drop(columns=["place", *_KEYS]).to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        broken = ~np.isfinite(values)
        row = int(np.flatnonzero(broken.any(axis=1))[0])
        bad = int(broken[row].sum())
        raise InputError(
            f"{bad} of {counted(values.shape[1], 'value')} of an embedding "
            f"{agreeing(bad, 'is', 'are')} not finite",
            patient=table["patient_id"][row],
            file=embeddings,
            remedy="Look at the patient's patch, delete that file in dlopctr/embeddings, run again",
        )
    if standardise:
        length = np.sqrt((values**2).mean(axis=1, keepdims=True))
        values /= np.maximum(length, np.finfo(np.float64).tiny)
    return Images(
        cohort["patient_id"].to_numpy(dtype=str),
        cohort["time_months"].to_numpy(dtype=float),
        cohort["event"].to_numpy(dtype=int),
        values.astype(np.float32).reshape(len(views), len(views[0]), -1),
        views[0][:, 0],
    )
