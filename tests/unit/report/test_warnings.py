"""The warning beside the published Radscore."""

import pandas as pd
import pytest

from taceflow.report.warnings import banners

PATIENTS = pd.DataFrame({"cohort": ["training", "validation"], "event": [1, 0]})


@pytest.mark.parametrize(
    ("family", "scale", "words"),
    [
        ("published", "volume", "scaled by the largest absolute HU of the whole volume"),
        ("published", 3071, "is scaled by 3071 HU, so that it does not depend on the field"),
        ("cox", "volume", None),
    ],
)
def test_the_field_of_view_is_named_beside_the_published_radscore(family, scale, words):
    config = {
        "tables": None,
        "radiomics": {"scale": scale},
        "radscore": {"family": family},
        "dlopctr": {
            "backbone": "random",
            "protocol": "own",
            "stop_on": None,
            "keep_weights": None,
        },
        "survival": {"variables": [{"column": "mvi", "label": "MVI"}]},
    }
    found = banners(config, PATIENTS, {"coefficients": {"a": 1.0}}, is_synthetic=False)
    texts = [banner.text for banner in found if "square_firstorder_Variance" in banner.text]
    assert [words in text for text in texts] == ([True] if words else [])
