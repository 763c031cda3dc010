"""Models against each other, on the patients that both predict."""

import numpy as np
import pandas as pd
import pytest
from lifelines.utils import concordance_index

from taceflow.survival.evaluation.comparisons import compare_models

MODELS = ("clinical", "radscore", "albi", "hap")


@pytest.fixture
def outcome(cohort):
    """Two models of the study and two established scores; three patients lack the clinical one."""
    draw = np.random.default_rng(5)
    tables = [
        cohort[["patient_id", "cohort", "time_months", "event"]].assign(
            model=name, risk=cohort["strong"] + draw.normal(size=len(cohort))
        )
        for name in MODELS
    ]
    lacking = cohort.index[cohort["cohort"] == "validation"][:3]
    tables[0] = tables[0].drop(index=lacking)
    return pd.concat(tables, ignore_index=True)


def test_pairs_and_their_families(outcome):
    found = compare_models(outcome)
    assert found[["family", "model_a", "model_b"]].to_numpy().tolist() == [
        ["study", "clinical", "radscore"],
        ["established", "clinical", "albi"],
        ["established", "clinical", "hap"],
        ["established", "radscore", "albi"],
        ["established", "radscore", "hap"],
    ]
    assert set(found["cohort"]) == {"validation"}


def test_the_difference_is_of_patients_whom_both_predict(outcome):
    found = compare_models(outcome).iloc[0]
    here = outcome[outcome["cohort"] == "validation"].set_index("patient_id")
    a, b = (here[here["model"] == name] for name in ("clinical", "radscore"))
    b = b.loc[a.index]
    expected = [concordance_index(one["time_months"], -one["risk"], one["event"]) for one in (a, b)]
    assert found["difference"] == pytest.approx(expected[0] - expected[1])
    assert (found["n"], found["events"]) == (len(a), a["event"].sum())
    assert found["lower"] < found["difference"] < found["upper"]


def test_p_is_adjusted_within_its_family(outcome):
    found = compare_models(outcome)
    assert found.loc[0, "p_adjusted"] == found.loc[0, "p"]
    established = found[found["family"] == "established"]
    assert established["p_adjusted"].min() == pytest.approx(min(1, 4 * established["p"].min()))
