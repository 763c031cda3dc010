"""Whose masks are perturbed."""

import pandas as pd

from taceflow.radiomics.perturbation.chosen_patients import perturbed_patients, seed_of


def test_perturbed_patients_are_training_patients_and_stay_so(tmp_path):
    settings = {"perturbations": {"patients": 5, "seed": 6}}

    def chosen(ids):
        cohort = ["training" if k % 2 else "validation" for k in range(len(ids))]
        table = pd.DataFrame({"patient_id": ids, "cohort": cohort})
        table.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
        return perturbed_patients(str(tmp_path / "patients.tsv"), settings)

    ids = [f"P{k:03d}" for k in range(40)]
    before = chosen(ids)
    assert len(before) == 5
    assert all(int(name[1:]) % 2 for name in before)
    after = chosen([*ids, "P040", "P041"])
    assert len(set(before) - set(after)) <= 1
    assert chosen(ids[:6]) == ["P001", "P003", "P005"]
    assert perturbed_patients("nowhere.tsv", {"perturbations": {"patients": None}}) == []
    assert seed_of(6, "P001") != seed_of(61, "P001")
