import copy

import pytest
import yaml

from taceflow.application.settings import take_settings
from taceflow.errors import ConfigurationError
from taceflow.files.configuration import default_configuration


@pytest.fixture
def taken(tmp_path):
    """Take the settings of a model for what a user writes, in a file or on the command line."""

    def take(model, written=None, results="results/new", **set_there):
        config = copy.deepcopy(default_configuration())
        config["tables"]["features"] = "features.csv"
        files = []
        if written is not None:
            files = [str(tmp_path / "own.yaml")]
            (tmp_path / "own.yaml").write_text(yaml.safe_dump(written))
        for section, keys in {**(written or {}), **set_there}.items():
            config[section] |= keys
        take_settings(config, model, results, files)
        return config

    return take


def venous(contents):
    contents["manifest.json"]["settings"]["imaging"]["phase"] = "portal"
    contents["manifest.json"]["settings"]["patch"]["margin_mm"] = 5.0


def test_the_settings_of_the_bundle_take_the_place_of_the_defaults(opened, taken):
    config = taken(opened(venous))
    assert config["imaging"]["phase"] == "portal"
    assert config["patch"]["margin_mm"] == 5.0
    assert config["radiomics"]["panel"] == "results/new/model/opened/panel.yaml"
    # how a hospital names its series stays its own
    assert (
        config["imaging"]["phase_patterns"] == default_configuration()["imaging"]["phase_patterns"]
    )


@pytest.mark.parametrize(
    ("written", "on_command_line"),
    [
        ({"imaging": {"phase": "delayed"}}, {}),
        # the default, but written out
        ({"imaging": {"phase": "arterial"}}, {}),
        (None, {"imaging": {"phase": "delayed"}}),
    ],
)
def test_a_contradiction_names_both(opened, taken, written, on_command_line):
    model = opened(venous)
    with pytest.raises(ConfigurationError, match=r"'imaging.phase' is \w+ in .* and portal in the"):
        taken(model, written, **on_command_line)


def test_what_is_written_alike_is_no_contradiction(opened, taken):
    config = taken(opened(venous), {"imaging": {"phase": "portal"}, "patch": {"margin_mm": 5}})
    assert config["imaging"]["phase"] == "portal"


def test_another_radscore_is_a_contradiction(opened, taken):
    with pytest.raises(ConfigurationError, match=r"'radscore.family' is published in .* and cox"):
        taken(opened(), {"radscore": {"family": "published"}})
    taken(opened(), {"radscore": {"family": "cox"}})


def test_of_long_lists_the_entries_that_differ_are_told(opened, taken):
    variables = [{"column": name, "label": f"{name} of the patient"} for name in "abcdef"]

    def with_variables(contents):
        contents["manifest.json"]["settings"]["survival"]["variables"] = variables

    others = [*variables[:4], {"column": "x", "label": "x"}, *variables[5:]]
    with pytest.raises(ConfigurationError, match=r"is \{'column': 'x'.* and \{'column': 'e'"):
        taken(opened(with_variables), {"survival": {"variables": others}})
    with pytest.raises(ConfigurationError, match=r"is nothing in .* and \{'column': 'f'"):
        taken(opened(with_variables), {"survival": {"variables": variables[:5]}})


def test_another_panel_is_a_contradiction(opened, taken, root):
    model = opened()
    full = str(root / "config" / "radiomics_full.yaml")
    with pytest.raises(ConfigurationError, match=r"radiomics_full\.yaml is another panel than"):
        taken(model, {"radiomics": {"panel": full}})
    taken(model, {"radiomics": {"panel": str(root / "config" / "radiomics.yaml")}})
    with pytest.raises(ConfigurationError, match=r"the file none\.yaml does not exist"):
        taken(model, {"radiomics": {"panel": "none.yaml"}})


def test_settings_may_be_taken_twice_as_modules_do(opened, taken):
    model = opened(venous)
    config = taken(model)
    once = copy.deepcopy(config)
    take_settings(config, model, "results/new", [])
    assert config == once


def test_features_come_from_where_those_of_the_training_came(opened, taken):
    with pytest.raises(ConfigurationError, match="fitted on a ready table of features"):
        taken(opened(), tables={"features": None})


def of_images(source, **manifest):
    def change(contents):
        contents["manifest.json"]["needs_images"] = True
        contents["manifest.json"]["convolutions"] = {
            "source": source, "sha256": "ab" * 32, "inside": source == "random",
        }  # fmt: skip

    return change


def test_convolutions_that_are_not_inside_are_asked_for(opened, taken):
    images = {"tables": {"features": None}}
    assert taken(opened(of_images("imagenet")), **images)["dlopctr"]["backbone"] == "imagenet"
    assert taken(opened(of_images("random")), **images)["dlopctr"]["backbone"] == "random"
    model = opened(of_images("file"))
    with pytest.raises(ConfigurationError, match=r"name that file as 'dlopctr.backbone' .*abab"):
        taken(model, **images)
    config = taken(model, **images, dlopctr={"backbone": "own.pt"})
    assert config["dlopctr"]["backbone"] == "own.pt"
    # a ready table needs no convolutions
    assert taken(model)["dlopctr"]["backbone"] == "random"


# a run may have ended before its bundle
@pytest.mark.parametrize("file", ["model/bundle.zip", "survival/models.json"])
def test_new_patients_are_not_written_over_a_fitted_study(opened, taken, tmp_path, file):
    model, results = opened(), tmp_path / "results" / "new"
    (results / file).parent.mkdir(parents=True)
    taken(model, results=str(results))
    (results / file).write_bytes(b"")
    with pytest.raises(ConfigurationError, match=r"'run': \S+new holds a fitted study"):
        taken(model, results=str(results))
