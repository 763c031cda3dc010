"""Which patients' masks are perturbed. Light: Snakemake reads this when it parses the workflow."""

import hashlib
from collections.abc import Iterable
from typing import Any


def perturbed_patients(training: Iterable[str], radiomics: dict[str, Any]) -> list[str]:
    """Return those of the training patients whose masks are perturbed, sorted.

    Those with the lowest hashes of seed and id: a patient who joins takes one place at most.
    ``perturbations.patients`` of the configuration's part `radiomics` is how many; None: nobody.
    """
    perturbations = radiomics["perturbations"]
    if perturbations["patients"] is None:
        return []
    seed = perturbations["seed"]
    ranked = sorted(training, key=lambda patient: seed_of(seed, patient))
    return sorted(ranked[: perturbations["patients"]])


def seed_of(seed: int, patient: str) -> int:
    """Return a patient's own seed: a hash of the study's seed and the id."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{patient}".encode()).digest()[:8], "big")
