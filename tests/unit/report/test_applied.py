"""What pages of patients read of a run that applied a study."""

import json
import math

import pandas as pd
import pytest

from taceflow.report.applied import (
    final_first,
    horizons_of,
    label_of,
    source_of,
    survival_of,
    without_variables,
)


def test_horizons_are_months_in_order_and_their_intervals_are_none():
    columns = ["risk", "survival_36_months", "survival_6.5_months", "survival_6.5_months_lower"]
    found = horizons_of(pd.DataFrame(columns=columns))
    assert list(found.items()) == [(6.5, "survival_6.5_months"), (36.0, "survival_36_months")]


@pytest.mark.parametrize(
    ("given", "first"),
    [
        (["albi", "dlop_combin", "clinical", "dlop_cox"], "dlop_cox"),
        (["albi", "radscore", "dlopctr"], "dlopctr"),
        (["dlop_cox", "clinical", "albi"], "dlop_cox"),
        (["hap", "albi"], "albi"),
    ],
)
def test_the_model_that_reports_judge_is_told_first_and_a_score_without_others(given, first):
    found = final_first(given)
    assert found[0] == first
    assert sorted(found) == sorted(given)
    order = ("clinical", "radscore", "dlop_cox", "dlop_combin", "albi", "hap")
    assert found[1:] == [name for name in order if name in found[1:]]


def test_a_model_that_says_the_same_of_everybody_is_the_final_one_only_if_it_is_alone(tmp_path):
    stored = {
        "clinical": {"kind": "cox", "variables": ["afp_ng_ml"]},
        "radscore": {"kind": "cox", "variables": []},
        "dlopctr": {"kind": "network", "variables": []},
    }
    (tmp_path / "models.json").write_text(json.dumps(stored))
    alike = without_variables(tmp_path)
    assert alike == {"radscore"}
    assert final_first(["clinical", "radscore", "albi"], alike) == ["clinical", "radscore", "albi"]
    assert final_first(["radscore", "albi"], alike)[0] == "albi"
    assert final_first(["radscore"], alike) == ["radscore"]


def test_no_model_is_none():
    assert final_first([]) == []


def test_a_survival_has_its_interval_if_it_has_one():
    row = pd.Series({"s": 0.784, "s_lower": 0.64, "s_upper": 0.871, "t": 0.995})
    assert survival_of(row, "s") == (0.784, 0.64, 0.871)
    estimate, *limits = survival_of(row, "t")
    assert estimate == 0.995
    assert all(map(math.isnan, limits))


def test_a_model_has_the_bundles_label(applied):
    models = pd.DataFrame({"model": ["clinical", "albi"], "label": ["Klinik", None]})
    assert label_of("clinical", models) == "Klinik"
    assert label_of("albi", models) == "ALBI"
    assert label_of("dlop_cox", models) == "DLOP-Cox"


def test_the_source_names_run_and_model(applied):
    assert (
        source_of("clinic", applied().opened) == "Run clinic. Model demo, fitted by taceflow 0.1.0"
    )
