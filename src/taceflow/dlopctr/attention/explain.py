"""What the network looks at: which places of an image raise the predicted risk."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import SimpleITK as sitk

from taceflow.cohort.join import join_by_patient
from taceflow.cohort.training import HELD_OUT
from taceflow.dlopctr.attention.grad_cam import Risk, grad_cam
from taceflow.dlopctr.convolutions.images import Sampling, read_slices, slice_images
from taceflow.dlopctr.convolutions.network import Convolutions
from taceflow.dlopctr.device import enough_gpu_memory
from taceflow.dlopctr.head.fitted_head import load_heads
from taceflow.errors import WeightsError
from taceflow.files.atomic import atomic_path
from taceflow.files.tables import read_json, read_table, write_table
from taceflow.files.volumes.stored import read_volume

_LOG = logging.getLogger(__name__)

PATIENTS_A_GROUP = 3


@enough_gpu_memory()
def write_attention(
    convolutions: Convolutions,
    sampling: Sampling,
    *,
    predictions: str,
    groups: str,
    patches: list[str],
    resampled: list[str],
    model: str,
    description: str,
    table: str,
    maps: str,
) -> None:
    """Explain the predictions of a few patients of each risk group.

    Parameters
    ----------
    convolutions : Convolutions
    sampling : Sampling
        As for the embeddings, but that the images themselves are the only view.
    predictions : str
        ``dlopctr/predictions.tsv``.
    groups : str
        ``survival/predictions.tsv``.
    patches : list of str
        ``<patient>.nii.gz`` of each patient.
    resampled : list of str
        Folder ``<patient>`` of each patient, with the mask.
    model, description : str
        The heads' safetensors and their JSON.
    table : str
        Table to write: who is shown, and what the network says of them.
    maps : str
        ``.npz`` to write, of each patient: ``<patient>.image`` (rows, columns; grey values of the
        slice), ``<patient>.map`` (7, 7; see `grad_cam`), ``<patient>.mask`` (rows, columns).

    Raises
    ------
    WeightsError
        If the heads were fitted to other convolutions.
    """
    network, fitted = convolutions.load(), read_json(description)
    if fitted["convolutions"]["sha256"] != read_json(convolutions.description)["sha256"]:
        raise WeightsError(
            f"{model} holds heads of other convolutions ({fitted['convolutions']['source']}) than "
            f"{convolutions.description} describes: delete it and fit it again"
        )
    breaks_months = np.array(fitted["breaks_months"])
    heads = load_heads(model, intervals=len(breaks_months) - 1)
    finals = [head for name, head in heads.items() if name.endswith(".final")]
    risk = Risk(
        finals,
        breaks_months,
        fitted["horizon_months"],
        standardise=fitted["settings"]["standardise"],
    )
    path_of = {Path(path).name.removesuffix(".nii.gz"): path for path in patches}
    folder_of = {Path(path).name: Path(path) for path in resampled}
    shown = choose_patients(read_table(predictions), read_table(groups))
    arrays, rows = {}, []
    for row in shown.to_dict("records"):
        patient = row["patient_id"]
        values, positions = read_slices(path_of[patient], patient, sampling)
        found = network.maps(slice_images(values, positions))
        risks, seen = grad_cam(found.double().cpu().numpy(), risk)
        # all slices weigh the same in the mean: shown is the one that speaks most for the group
        place = int(risks.argmax() if row["risk_group"] == "high" else risks.argmin())
        image = read_volume(path_of[patient], output=path_of[patient])
        mask = folder_of[patient] / "mask_reader1-1.nii.gz"
        arrays[f"{patient}.image"] = values[positions[place]]
        arrays[f"{patient}.map"] = seen[place].astype(np.float32)
        arrays[f"{patient}.mask"] = _mask_on(image, mask)[positions[place]]
        column_mm, row_mm, _ = image.GetSpacing()
        own = {"slice": positions[place], "slices": len(positions), "slice_risk": risks[place]}
        rows.append(row | own | {"row_mm": row_mm, "column_mm": column_mm})
        _LOG.info(
            "patient %s, %s risk: %.3f, mean over %d slices %.3f",
            patient,
            row["risk_group"],
            row["risk"],
            len(positions),
            risks.mean(),
        )
    write_table(pd.DataFrame(rows), table, "attention")
    with atomic_path(maps) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


def choose_patients(predictions: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Choose patients whom the heads did not learn from, if there are any.

    Of the validation cohort, or else of the external, or else of the training cohort: those with
    the highest risk among the high-risk, and those with the lowest among the low-risk patients.

    Parameters
    ----------
    predictions : pandas.DataFrame
        patient_id, cohort, dlopctr.
    groups : pandas.DataFrame
        patient_id, model, risk_group.

    Returns
    -------
    pandas.DataFrame
        patient_id, cohort, risk_group and risk (1 - survival at the horizon); high risk first.
    """
    own = groups.loc[groups["model"] == "dlopctr", ["patient_id", "risk_group"]]
    table = join_by_patient(predictions, own, ["risk_group"], file="survival/predictions.tsv")
    cohort = next(name for name in (*HELD_OUT, "training") if name in set(table["cohort"]))
    table = table[table["cohort"] == cohort]
    table = table.assign(risk=1 - table["dlopctr"])
    parts = [
        table[table["risk_group"] == group]
        .sort_values(["risk", "patient_id"], ascending=[group == "low", True])
        .head(PATIENTS_A_GROUP)
        for group in ("high", "low")
    ]
    return pd.concat(parts, ignore_index=True)[["patient_id", "cohort", "risk_group", "risk"]]


def _mask_on(image: sitk.Image, mask: Path) -> np.ndarray:
    """Return a mask on an image's grid, of which its own is a part or which is turned."""
    label = sitk.Resample(
        read_volume(mask, output=mask.parent), image, sitk.Transform(), sitk.sitkNearestNeighbor
    )
    return (sitk.GetArrayFromImage(label) > 0).astype(np.uint8)
