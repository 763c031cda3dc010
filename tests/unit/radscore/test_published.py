"""The printed Radscore, as the bundle that the workflow ships."""

import re

import pytest

from taceflow.bundle.opened import open_model
from taceflow.errors import ConfigurationError
from taceflow.radscore.published import BUNDLE, COEFFICIENTS, INTERCEPT
from taceflow.study.plan import plan_study


def test_the_bundle_is_whole_and_holds_what_the_study_prints(shared_data):
    model = open_model(str(BUNDLE), whole=True)
    assert model.radscore["coefficients"] == COEFFICIENTS
    assert model.settings["imaging"]["phase"] == "arterial"
    printed = (shared_data.parent / "reference" / "appendix.txt").read_text()
    formula = re.search(r"Radscore = .*?(?=\n\s*\n|\nAppendix|\Z)", printed, flags=re.S).group()
    found = {float(one) for one in re.findall(r"-?\d+\.\d{6,}(?:e[+-]\d+)?", formula)}
    assert {INTERCEPT, *COEFFICIENTS.values()} <= found


def test_applied_alone_it_gives_no_survival(own_config):
    own_config["model"] = str(BUNDLE)
    with pytest.raises(
        ConfigurationError, match="holds a Radscore alone, without a cut-off or a baseline"
    ):
        plan_study(own_config)
