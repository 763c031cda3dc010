"""Models built again on resamples of the training patients."""

import numpy as np
import pandas as pd

from taceflow.cohort.training import training_patients
from taceflow.errors import CohortTooSmallError
from taceflow.survival.evaluation.resampled_models import resamples_of, resamples_of_scores
from taceflow.survival.models.fit import cox_models


def test_a_resample_is_drawn_with_replacement_and_built_on(cohort):
    training = training_patients(cohort)
    drawn = list(resamples_of(training, lambda table: table, 3, np.random.default_rng(1)))
    assert len(drawn) == 3
    for sample, whole, built in drawn:
        assert whole is training
        assert built is sample
        assert len(sample) == len(training)
        assert set(sample["patient_id"]) < set(training["patient_id"])
    # two in three patients are drawn, and each resample draws others
    share = [sample["patient_id"].nunique() / len(training) for sample, _, _ in drawn]
    np.testing.assert_allclose(share, 1 - np.exp(-1), atol=0.1)
    assert not drawn[0][0].equals(drawn[1][0])


def test_a_resample_in_which_nothing_can_be_fitted_is_left_out(cohort):
    calls = []

    def build(sample):
        calls.append(sample)
        if len(calls) == 2:
            raise CohortTooSmallError("nobody died")
        return {}

    assert len(list(resamples_of(cohort, build, 4, np.random.default_rng(1)))) == 3
    assert len(calls) == 4


def test_resamples_of_the_radscore_are_those_of_its_table(cohort):
    training = training_patients(cohort)
    ids = training["patient_id"].to_numpy()[:40]
    draw = np.random.default_rng(3)
    scores = pd.concat(
        pd.DataFrame(
            {
                "resample": number,
                "patient_id": ids,
                "copies": np.arange(40) % 3,
                "radscore": draw.normal(size=40),
            }
        )
        for number in (4, 7)
    )
    found = list(resamples_of_scores(training, scores))
    assert len(found) == 2
    sample, whole, models = found[1]
    assert whole["patient_id"].tolist() == ids.tolist()
    assert sample["patient_id"].value_counts().to_dict() == {
        name: copies for name, copies in zip(ids, np.arange(40) % 3, strict=True) if copies
    }
    again = cox_models(sample, [])["radscore"]["coefficients"]["radscore"]
    assert models["radscore"]["coefficients"]["radscore"] == again
    follow_up = training.set_index("patient_id").loc[whole["patient_id"], "time_months"]
    assert whole["time_months"].tolist() == follow_up.tolist()
