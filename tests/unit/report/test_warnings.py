"""The warning beside the published Radscore."""

import pandas as pd
import pytest

from taceflow.report.warnings import banners

PATIENTS = pd.DataFrame({"cohort": ["training", "validation"], "event": [1, 0]})


NETWORK = {
    "backbone": "random",
    "protocol": "own",
    "stop_on": None,
    "keep_weights": None,
    "standardise": None,
    "learning_rate": 0.001,
    "batch_size": 32,
    "dropout": 0.5,
}


def said(notes=(), **changes):
    """The banners of a run with these sections."""
    config = {
        "tables": {"features": None},
        "radiomics": {"scale": "volume"},
        "radscore": {"family": "cox"},
        "dlopctr": NETWORK,
        "survival": {"variables": [{"column": "mvi", "label": "MVI"}]},
    }
    model = {"coefficients": {"a": 1.0}}
    return banners(config | changes, PATIENTS, model, is_synthetic=False, notes=notes)


@pytest.mark.parametrize(
    ("family", "scale", "words"),
    [
        ("published", "volume", "scaled by the largest absolute HU of the whole volume"),
        ("published", 3071, "is scaled by 3071 HU, so that it does not depend on the field"),
        ("cox", "volume", None),
    ],
)
def test_the_field_of_view_is_named_beside_the_published_radscore(family, scale, words):
    found = said(radiomics={"scale": scale}, radscore={"family": family})
    texts = [banner.text for banner in found if "square_firstorder_Variance" in banner.text]
    assert [words in text for text in texts] == ([True] if words else [])


def test_variables_that_the_sheet_lacks_are_no_candidates():
    variables = [{"column": name, "label": name} for name in ("mvi", "cirrhosis", "diabetes")]
    table = PATIENTS.assign(mvi=[1, 0], diabetes=None)
    config = {
        "tables": {"features": None},
        "radiomics": {"scale": "volume"},
        "radscore": {"family": "cox"},
    }
    config |= {"dlopctr": NETWORK, "survival": {"variables": variables}}
    model = {"coefficients": {"a": 1.0}}
    found = banners(config, table, model, is_synthetic=False, notes=())
    text = next(banner.text for banner in found if banner.title == "Small cohort")
    assert "against 1 clinical candidate; 10 deaths a variable would be 10" in text


def test_settings_chosen_on_the_folds_are_named():
    chosen = NETWORK | {"learning_rate": "pre_experiment", "batch_size": "pre_experiment"}
    texts = " ".join(banner.text for banner in said(dlopctr=chosen))
    assert "The pre-experiment chose learning rate and batch size by the loss" in texts
    assert not any("pre-experiment" in banner.text for banner in said())


def test_the_studys_protocol_on_random_convolutions_is_called_useless():
    def titles(**changes):
        return [banner.title for banner in said(dlopctr=NETWORK | changes)]

    useless = "Random convolutions without standardisation"
    assert useless in titles(protocol="paper")
    assert useless not in titles(protocol="paper", standardise=True)
    assert useless not in titles(protocol="paper", backbone="imagenet")
    assert useless not in titles()


def test_what_a_ready_table_says_of_itself_stands_at_the_top():
    tables = {"patients": "patients.tsv", "features": "features.csv"}
    found = said(notes=("extracted elsewhere with binWidth 18",), tables=tables)
    told = [one for one in found if one.title == "A ready table of features"]
    assert [one.text for one in told] == ["extracted elsewhere with binWidth 18"]
    assert "A ready table of features" not in [one.title for one in said()]
