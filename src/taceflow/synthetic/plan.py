"""The plan of a synthetic cohort: a user's three tables and what lies behind them."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from taceflow.files.tables import write_table
from taceflow.synthetic.clinical import (
    albi_score,
    draw_clinical,
    draw_survival,
    linear_predictor,
    missing_columns,
)
from taceflow.synthetic.latent import (
    NO_FOLLOW_UP,
    SEGMENT_LABEL,
    PatientLatents,
    draw_patient,
    mask_name,
)

_INTEGER_COLUMNS = (
    "event",
    "age_years",
    "portal_hypertension",
    "diabetes",
    "cirrhosis",
    "hepatitis",
    "child_pugh_score",
    "tumor_number",
    "mvi",
    "bclc_b_substage",
    "treatment_response",
)

_PROCEDURE_STREAM = 8
"""Beside `latent.STREAMS`, which the images depend on: these fields came later, and drawing them
must neither move another draw nor make the images anew."""

_AGENTS = ("gelatin_sponge", "pva_particles")
_MOST_LIPIODOL_ML = 20.0
_MOST_SESSIONS = 6


@dataclass(frozen=True)
class CohortPlan:
    """A synthetic cohort before anything is written.

    Attributes
    ----------
    patients, scans, segmentations : pandas.DataFrame
        The tables a user would bring; paths are relative to the working directory.
    latents : pandas.DataFrame
        One row a patient: the fields of `PatientLatents`, the true `albi_score` and
        `bclc_b_substage` (before values were removed), the true `time_months` and `event`, and the
        planted `linear_predictor`.
    """

    patients: pd.DataFrame
    scans: pd.DataFrame
    segmentations: pd.DataFrame
    latents: pd.DataFrame


def _patient_rows(settings: dict, patient: PatientLatents) -> tuple[dict, dict]:
    """Return one row of the patients table and one of the latent values."""
    clinical = draw_clinical(settings["seed"], patient)
    log_hazard = linear_predictor(settings["hazard_ratios"], patient, clinical)
    time_months, event = draw_survival(settings["seed"], patient.number, log_hazard)
    truth = {"time_months": time_months, "event": event}
    row = {"patient_id": patient.patient_id, "cohort": patient.cohort, **truth, **clinical}
    for column in missing_columns(settings["seed"], patient.number):
        row[column] = None
    row |= _draw_procedure(settings["seed"], patient.number, clinical["tumor_size_cm"])
    if patient.defect == NO_FOLLOW_UP:
        row["time_months"] = row["event"] = None
    latent = {key: value for key, value in asdict(patient).items() if key != "readings"}
    latent |= {
        "albi_score": albi_score(clinical["albumin_g_l"], clinical["bilirubin_umol_l"]),
        "bclc_b_substage": clinical["bclc_b_substage"],
        **truth,
        "linear_predictor": log_hazard,
    }
    return row, latent


def plan_cohort(settings: dict, root: str = "results/demo/synthetic") -> CohortPlan:
    """Plan a synthetic cohort; nothing is read or written.

    Parameters
    ----------
    settings : dict
        The `synthetic` section of the configuration. With all hazard ratios 1 the cohort is the
        null cohort: every value other than time and event stays as it is.
    root : str
        Folder of the cohort, relative to the working directory.

    Returns
    -------
    CohortPlan
        The first k patients are the same for every number of patients >= k.
    """
    patients, latents, scans, segmentations = [], [], [], []
    for number in range(1, settings["patients"] + 1):
        patient = draw_patient(settings, number)
        row, latent = _patient_rows(settings, patient)
        patients.append(row)
        latents.append(latent)
        folder = f"{root}/images/{patient.patient_id}"
        key = {"patient_id": patient.patient_id, "phase": "arterial"}
        scans.append({**key, "image": f"{folder}/ct", "series_uid": None})
        for reader, reading in patient.readings:
            name = mask_name(reader, reading)
            segmentations.append(
                {
                    **key,
                    "reader": reader,
                    "reading": reading,
                    "mask": f"{folder}/masks/{name}",
                    "roi": SEGMENT_LABEL if name.endswith(".dcm") else "1",
                }
            )
    table = pd.DataFrame(patients)
    return CohortPlan(
        patients=table.astype(dict.fromkeys(_INTEGER_COLUMNS, "Int64")),
        scans=pd.DataFrame(scans),
        segmentations=pd.DataFrame(segmentations),
        latents=pd.DataFrame(latents),
    )


def _draw_procedure(seed: int, number: int, tumor_size_cm: float) -> dict:
    """Draw what was given in the first TACE, and how many there were, as Appendix E2 says.

    Raltitrexed 2.5 to 3 mg/m2; 40 mg of pirarubicin in 10 ml of lipiodol, less for small tumours;
    lipiodol by the tumour's diameter (2 to 3 ml/cm), 20 ml at most; then an embolic agent.
    """
    draw = np.random.default_rng([seed, number, _PROCEDURE_STREAM])
    lipiodol_ml = float(np.clip(draw.uniform(2, 3) * tumor_size_cm, 2, _MOST_LIPIODOL_ML))
    return {
        "raltitrexed_mg_m2": round(float(draw.uniform(2.5, 3.0)), 2),
        "pirarubicin_mg": 40 if lipiodol_ml >= 8 else 30 if lipiodol_ml >= 5 else 20,
        "lipiodol_ml": round(lipiodol_ml, 1),
        "embolic_agent": _AGENTS[int(draw.random() < 0.35)],
        "tace_sessions": 1 + int(min(draw.poisson(1.3), _MOST_SESSIONS - 1)),
    }


def write_tables(settings: dict, root: str, patients: str, scans: str, segmentations: str) -> None:
    """Write the tables of `plan_cohort`; the cohort's images lie in ``{root}/images``."""
    plan = plan_cohort(settings, root)
    write_table(plan.patients, patients, "patients")
    write_table(plan.scans, scans, "scans")
    write_table(plan.segmentations, segmentations, "segmentations")
