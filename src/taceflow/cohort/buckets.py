"""Patients in buckets that keep their members when the cohort grows.

One job does one bucket, because starting and importing cost seconds a job. The bucket follows from
the patient's id alone, so that a new patient touches one bucket only. Nothing heavy is imported
here: Snakemake reads this module each time it parses the workflow.
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


def bucket_count(patients: int, each: int) -> int:
    """Return how many buckets hold about `each` patients or fewer.

    A power of two: a cohort that grows keeps its buckets until it has doubled, and then each is
    halved.

    >>> bucket_count(80, 10), bucket_count(81, 10), bucket_count(0, 10)
    (8, 16, 1)
    """
    return 1 << (max(1, -(-patients // each)) - 1).bit_length()
