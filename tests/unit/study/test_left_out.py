"""What a run cannot give is named with the reason."""

import pytest
import yaml

from taceflow.scores import SCORES
from taceflow.study.left_out import final_cox_model, left_out


@pytest.fixture
def config(root):
    return yaml.safe_load((root / "config" / "config.yaml").read_text())


def test_what_is_left_out_is_told_with_the_reason(config):
    assert left_out(config, frozenset({"hap_score", "bclc_b_substage"})) == {}
    config["tables"] = {"patients": "a.tsv", "features": "b.tsv"}
    config["radscore"]["family"] = "published"
    reasons = left_out(config, frozenset())
    assert final_cox_model(config) == "clinical"
    assert "ready table" in reasons["DLOP-Cox"]
    assert reasons["Pictures of images and masks"] == reasons["Training of DLOP-CTR"]
    assert reasons["Figure S2 B"].endswith("no LASSO was fitted")
    assert "bclc_b_substage nor child_pugh_score, tumor_number" in reasons["Figure S3"]
    others = [score.label for score in SCORES.values() if score.name != "bclc_b"]
    assert f"any of {', '.join(others)} could" in reasons["Survival by established score"]
    assert not reasons.keys() & {"Figure S1", "Figure S2 A", "Clinical", "Radscore"}
