"""What is drawn for one synthetic patient before any table or image is made.

Everything that an image depends on is here and nothing else, so that the images of a cohort stay as
they are when a hazard ratio, the number of patients or the follow-up changes. A patient's draws are
keyed by the cohort's seed and the patient's number: patient 7 is the same person in a cohort of 20
or of 2,000.
"""

from dataclasses import dataclass
from itertools import islice

import numpy as np

NO_ARTERIAL_PHASE = "no_arterial_phase"
EMPTY_MASK = "empty_mask"
NO_FOLLOW_UP = "no_follow_up"
#: Patients who cannot be used, by number: every cohort has exactly these three.
DEFECTS = {3: NO_ARTERIAL_PHASE, 5: EMPTY_MASK, 8: NO_FOLLOW_UP}

#: Keys of the `synthetic` section that images and masks depend on.
IMAGE_KEYS = ("seed", "validation_fraction", "second_readings")

#: Random streams of a patient; a stream that grows does not move another.
STREAMS = {
    "latent": 1,
    "clinical": 2,
    "survival": 3,
    "missing": 4,
    "phantom": 5,
    "readings": 6,
    "header": 7,
}

#: Segment label in the DICOM-SEG of reader 1; the other masks are label images.
SEGMENT_LABEL = "Tumor"

_ID_PREFIX = "HCC-"
_TEXTURE_LIMIT = 2.2
_SIZE_RANGE_MM = (20.0, 55.0)
_LOCATIONS = ("left", "right", "others")
_LOCATION_PROBABILITIES = (0.24, 0.64, 0.12)
_GOLDEN_RATIO = (np.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True)
class PatientLatents:
    """Latent values of one synthetic patient.

    Attributes
    ----------
    number : int
        Position in the cohort, from 1.
    patient_id : str
        Study id, e.g. ``HCC-007``.
    cohort : str
        ``training`` or ``validation``.
    sex : str
        ``female`` or ``male``.
    age_years : int
        Age at treatment.
    texture_z : float
        Standardised log heterogeneity of the tumour, normal, cut at +-2.2.
    tumor_size_mm : float
        Longest diameter of the target tumour, 20 to 55 mm.
    tumor_location : str
        ``left``, ``right`` or ``others`` (around the hilum).
    defect : str or None
        Why the patient must be excluded (a value of `DEFECTS`), or None.
    readings : tuple of (int, int)
        Pairs (reader, reading) of the masks that exist.
    """

    number: int
    patient_id: str
    cohort: str
    sex: str
    age_years: int
    texture_z: float
    tumor_size_mm: float
    tumor_location: str
    defect: str | None
    readings: tuple[tuple[int, int], ...]


def image_settings(settings: dict) -> dict:
    """Return the part of the `synthetic` settings that images and masks depend on."""
    return {key: settings[key] for key in IMAGE_KEYS}


def patient_id_of(number: int) -> str:
    """Return the study id of the patient with this number (from 1)."""
    return f"{_ID_PREFIX}{number:03d}"


def number_of(patient_id: str) -> int:
    """Return the number of the patient with this study id."""
    return int(patient_id.removeprefix(_ID_PREFIX))


def mask_name(reader: int, reading: int) -> str:
    """Return a mask's file name: DICOM-SEG for reader 1's first reading, else NIfTI."""
    suffix = "dcm" if (reader, reading) == (1, 1) else "nii.gz"
    return f"reader{reader}-{reading}.{suffix}"


def generator(seed: int, number: int, stream: str) -> np.random.Generator:
    """Return the random generator of one patient's stream (a key of `STREAMS`)."""
    return np.random.default_rng([seed, number, STREAMS[stream]])


def _cohort_of(seed: int, number: int, validation_fraction: float) -> str:
    """Return ``training`` or ``validation`` for one patient.

    A golden-ratio sequence keeps the validation patients evenly spread over the numbers, so every
    cohort, however short, has close to the wanted fraction without the assignment depending on its
    size.
    """
    start = np.random.default_rng([seed, 0, 0]).random()
    position = (start + number * _GOLDEN_RATIO) % 1.0
    return "validation" if position < validation_fraction else "training"


def _has_second_readings(settings: dict, number: int) -> bool:
    """Tell whether a patient is one of the first `second_readings` usable training patients."""
    seed, fraction = settings["seed"], settings["validation_fraction"]
    eligible = (
        k
        for k in range(1, number + 1)
        if k not in DEFECTS and _cohort_of(seed, k, fraction) == "training"
    )
    return number in islice(eligible, settings["second_readings"])


def draw_patient(settings: dict, number: int) -> PatientLatents:
    """Draw the latent values of one patient.

    They depend on nothing but the number, from 1, and the keys `IMAGE_KEYS` of the `synthetic`
    section.
    """
    seed = settings["seed"]
    draw = generator(seed, number, "latent")
    texture_z = float(np.clip(draw.standard_normal(), -_TEXTURE_LIMIT, _TEXTURE_LIMIT))
    low, high = _SIZE_RANGE_MM
    size = round(float(low + (high - low) * draw.beta(2.0, 2.2)), 1)
    location = str(draw.choice(_LOCATIONS, p=_LOCATION_PROBABILITIES))
    sex = "male" if draw.random() < 0.8 else "female"
    age = int(np.clip(np.rint(draw.normal(57.0, 10.5)), 28, 82))
    defect = DEFECTS.get(number)
    readings = [(1, 1)]
    if _has_second_readings(settings, number):
        readings += [(1, 2), (2, 1)]
    return PatientLatents(
        number=number,
        patient_id=patient_id_of(number),
        cohort=_cohort_of(seed, number, settings["validation_fraction"]),
        sex=sex,
        age_years=age,
        texture_z=texture_z,
        tumor_size_mm=size,
        tumor_location=location,
        defect=defect,
        readings=tuple(readings),
    )
