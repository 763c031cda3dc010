"""Clinical values and survival of one synthetic patient."""

import numpy as np

from taceflow.synthetic.latent import PatientLatents, generator

#: Columns in which a value may be missing, completely at random.
MISSING_COLUMNS = (
    "portal_hypertension",
    "diabetes",
    "afp_ng_ml",
    "ast_u_l",
    "alt_u_l",
    "albumin_g_l",
    "bilirubin_umol_l",
    "mvi",
    "bclc_b_substage",
    "treatment_response",
)

# centre of the linear predictor: constants, because a cohort's own mean would tie patients together
_CENTRE = {"tumor_texture": 0.0, "albi_score": -2.45, "bclc_b_substage": 2.0}

_MISSING_FRACTION = 0.03
_MEDIAN_MONTHS = 20.0
_WEIBULL_SHAPE = 1.2
_MEAN_DROPOUT_MONTHS = 120.0
_STUDY_MONTHS = (60.0, 96.0)
_SHORTEST_MONTHS = 0.1


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + np.exp(-value))


def albi_score(albumin_g_l: float, bilirubin_umol_l: float) -> float:
    """Return the ALBI score, 0.66 log10(bilirubin, umol/L) - 0.085 albumin (g/L).

    Johnson et al., J Clin Oncol 2015;33:550-558. Written here once more so that the planted score
    and the workflow's own derivation check each other.
    """
    return 0.66 * float(np.log10(bilirubin_umol_l)) - 0.085 * albumin_g_l


def bclc_b_substage(child_pugh_score: int, tumor_number: int, tumor_size_cm: float) -> int:
    """Return the BCLC-B substage 1-4 after Bolondi et al., Semin Liver Dis 2012;32:348-359.

    B1: Child-Pugh 5-7 within up-to-seven (number + largest size in cm <= 7); beyond it B2 with
    Child-Pugh 5-6 and B3 with 7; B4: Child-Pugh 8-9.
    """
    if child_pugh_score >= 8:
        return 4
    if tumor_number + tumor_size_cm <= 7.0:
        return 1
    return 2 if child_pugh_score <= 6 else 3


def _child_pugh(albumin: float, bilirubin: float, other_points: int) -> int:
    """Return the Child-Pugh score; stage B rules out more than 9 points."""
    points = 1 + (albumin <= 35.0) + (albumin < 28.0)
    points += 1 + (bilirubin >= 34.2) + (bilirubin > 51.3)
    return int(min(points + 3 + other_points, 9))


def draw_clinical(seed: int, patient: PatientLatents) -> dict:
    """Draw the clinical variables of Table S1 of one patient, all of them known.

    One latent, the liver's dysfunction, ties albumin, bilirubin, transaminases, cirrhosis and
    portal hypertension together; tumour number, MVI, AFP and treatment response follow the tumour's
    size and texture. None of these enters the hazard, other than through ALBI, substage and
    texture.

    Returns
    -------
    dict
        Clinical columns of the patients table.
    """
    draw = generator(seed, patient.number, "clinical")
    normal, uniform = draw.standard_normal(12), draw.random(12)
    dysfunction, burden = normal[0], normal[1]
    size_cm = round(patient.tumor_size_mm / 10.0, 1)
    albumin = round(float(np.clip(38.6 - 3.6 * dysfunction + 2.6 * normal[2], 24, 50)), 1)
    bilirubin = round(float(np.exp(np.log(16.0) + 0.36 * dysfunction + 0.34 * normal[3])), 1)
    alt = float(np.exp(np.log(38.0) + 0.15 * dysfunction + 0.45 * normal[4]))
    ast = float(
        np.exp(np.log(46.0) + 0.55 * np.log(alt / 38.0) + 0.2 * dysfunction + 0.3 * normal[5])
    )
    afp = float(np.exp(np.log(90.0) + 0.35 * (size_cm - 3.7) + 2.1 * normal[6]))
    other_points = int(uniform[0] < _logistic(-0.5 + 0.9 * dysfunction))
    other_points += int(uniform[1] < _logistic(-1.5 + 1.0 * dysfunction))
    child_pugh = _child_pugh(albumin, bilirubin, other_points)
    number = 1 + int(min(draw.poisson(2.5 * np.exp(0.25 * burden)), 9))
    return {
        "age_years": patient.age_years,
        "sex": patient.sex,
        "portal_hypertension": int(uniform[2] < _logistic(-0.5 + 0.9 * dysfunction)),
        "diabetes": int(uniform[3] < 0.18),
        "cirrhosis": int(uniform[4] < _logistic(0.9 + 0.8 * dysfunction)),
        "hepatitis": int(uniform[5] < 0.82),
        "child_pugh_score": child_pugh,
        "afp_ng_ml": round(min(afp, 60500.0), 1),
        "ast_u_l": round(ast),
        "alt_u_l": round(alt),
        "albumin_g_l": albumin,
        "bilirubin_umol_l": bilirubin,
        "tumor_number": number,
        "tumor_size_cm": size_cm,
        "tumor_location": patient.tumor_location,
        "mvi": int(uniform[6] < _logistic(-1.2 + 0.5 * (size_cm - 3.7) + 0.3 * patient.texture_z)),
        "bclc_b_substage": bclc_b_substage(child_pugh, number, size_cm),
        "treatment_response": int(
            uniform[7] < _logistic(0.4 - 0.4 * patient.texture_z - 0.3 * (size_cm - 3.7))
        ),
    }


def linear_predictor(hazard_ratios: dict, patient: PatientLatents, clinical: dict) -> float:
    """Return the planted log hazard of one patient, relative to a typical one.

    Parameters
    ----------
    hazard_ratios : dict
        `tumor_texture` (per standard deviation of `texture_z`), `albi_score` (per point of the
        score, whose standard deviation is about 0.45) and `bclc_b_substage` (per step, B1 to B4
        taken as 1 to 4).
    patient : PatientLatents
        Carries the tumour's texture.
    clinical : dict
        What `draw_clinical` returned.
    """
    values = {
        "tumor_texture": patient.texture_z,
        "albi_score": albi_score(clinical["albumin_g_l"], clinical["bilirubin_umol_l"]),
        "bclc_b_substage": clinical["bclc_b_substage"],
    }
    return float(
        sum(np.log(hazard_ratios[name]) * (value - _CENTRE[name]) for name, value in values.items())
    )


def draw_survival(seed: int, number: int, log_hazard: float) -> tuple[float, int]:
    """Draw follow-up from a Weibull proportional-hazards model with independent censoring.

    S(t) = exp(-log 2 (t / median)^shape exp(log_hazard)), inverted at a uniform draw (Bender et
    al., Stat Med 2005;24:1713-1723), with shape 1.2 and a median of 20 months for a typical
    patient. Censoring is the earlier of an exponential dropout and the end of the study, 60 to 96
    months after a patient's entry.

    Returns
    -------
    time_months : float
        Rounded to 0.01.
    event : int
        1 = died.
    """
    survive, drop, enter = generator(seed, number, "survival").random(3)
    hazard = np.log(2.0) * np.exp(log_hazard)
    death = _MEDIAN_MONTHS * (-np.log1p(-survive) / hazard) ** (1.0 / _WEIBULL_SHAPE)
    dropout = -np.log1p(-drop) * _MEAN_DROPOUT_MONTHS
    low, high = _STUDY_MONTHS
    censoring = min(dropout, low + (high - low) * enter)
    time = max(round(float(min(death, censoring)), 2), _SHORTEST_MONTHS)
    return time, int(death <= censoring)


def missing_columns(seed: int, number: int) -> list[str]:
    """Return the columns in which this patient has no value, drawn completely at random."""
    draws = generator(seed, number, "missing").random(len(MISSING_COLUMNS))
    return [c for c, u in zip(MISSING_COLUMNS, draws, strict=True) if u < _MISSING_FRACTION]
