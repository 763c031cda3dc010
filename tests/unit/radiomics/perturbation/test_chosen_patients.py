"""Whose masks are perturbed."""

from taceflow.radiomics.perturbation.chosen_patients import perturbed_patients, seed_of


def test_those_with_the_lowest_hashes_stay_so_when_patients_join():
    settings = {"perturbations": {"patients": 5, "seed": 6}}
    ids = [f"P{k:03d}" for k in range(40)]
    before = perturbed_patients(ids, settings)
    assert len(before) == 5
    assert before == sorted(before)
    after = perturbed_patients([*ids, "P040"], settings)
    assert len(set(before) - set(after)) <= 1
    assert perturbed_patients(ids[2::-1], settings) == ids[:3]
    assert perturbed_patients(ids, {"perturbations": {"patients": None}}) == []
    assert seed_of(6, "P001") != seed_of(61, "P001")
