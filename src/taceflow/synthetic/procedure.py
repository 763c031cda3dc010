"""The procedure of one synthetic patient, as Appendix E2 describes it; no part of the hazard."""

import numpy as np

STREAM = 8
"""Beside `latent.STREAMS`, which the images depend on: these fields came later, and drawing them
must neither move another draw nor make the images anew."""

_AGENTS = ("gelatin_sponge", "pva_particles")
_MOST_LIPIODOL_ML = 20.0
_MOST_SESSIONS = 6


def draw_procedure(seed: int, number: int, tumor_size_cm: float) -> dict:
    """Draw what was given in the first TACE, and how many there were.

    Raltitrexed 2.5 to 3 mg/m2; 40 mg of pirarubicin in 10 ml of lipiodol, less for small tumours;
    lipiodol by the tumour's diameter (2 to 3 ml/cm), 20 ml at most; then an embolic agent.

    Parameters
    ----------
    seed, number : int
        The cohort's seed and the patient's number.
    tumor_size_cm : float
        Largest diameter.

    Returns
    -------
    dict
        Columns of the patients table.
    """
    draw = np.random.default_rng([seed, number, STREAM])
    lipiodol_ml = float(np.clip(draw.uniform(2, 3) * tumor_size_cm, 2, _MOST_LIPIODOL_ML))
    return {
        "raltitrexed_mg_m2": round(float(draw.uniform(2.5, 3.0)), 2),
        "pirarubicin_mg": 40 if lipiodol_ml >= 8 else 30 if lipiodol_ml >= 5 else 20,
        "lipiodol_ml": round(lipiodol_ml, 1),
        "embolic_agent": _AGENTS[int(draw.random() < 0.35)],
        "tace_sessions": 1 + int(min(draw.poisson(1.3), _MOST_SESSIONS - 1)),
    }
