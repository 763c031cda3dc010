"""Patients in buckets that keep their members when the cohort grows.

One job embeds one bucket, because importing torch costs seconds a job. The bucket follows from the
patient's id alone, so that a new patient touches one bucket only. Nothing heavy is imported here:
Snakemake reads this module each time it parses the workflow.
"""

import hashlib


def bucket_of(patient_id: str, buckets: int) -> int:
    """Return the bucket of a patient.

    Python's own ``hash`` differs from process to process, hence SHA-256.

    Parameters
    ----------
    patient_id : str
        The study's id.
    buckets : int
        Number of buckets, at least 1.

    Returns
    -------
    int
        0 to ``buckets - 1``.

    Raises
    ------
    ValueError
        If there is no bucket.
    """
    if buckets < 1:
        raise ValueError(f"patients cannot be put into {buckets} buckets")
    return int.from_bytes(hashlib.sha256(patient_id.encode()).digest()[:8], "big") % buckets
