"""Keys of a YAML file: what is wrong with each, in words."""

import pytest
import yaml

from taceflow.errors import ConfigurationError
from taceflow.files.configuration import validate_configuration
from taceflow.files.schemas import load_schema
from taceflow.files.yaml_keys import schema_keys


@pytest.fixture
def config(root):
    return yaml.safe_load((root / "config" / "config.yaml").read_text())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("survival", "p_enter"), float("nan")),
        (("survival", "horizons_months"), [12, float("inf")]),
        (("patch", "window_hu"), [-160.0, float("inf")]),
        (("dlopctr", "pre_experiment", "learning_rate"), [float("nan")]),
    ],
)
def test_a_number_that_is_none_is_named(config, path, value):
    place = config
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ConfigurationError, match=rf"{path[-2]}\.{path[-1]}.*is no finite number"):
        validate_configuration(config)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "survival: {variables: [age_years]}",
            "'survival.variables entry 1': 'age_years' is no sec",
        ),
        ("survival: {horizons_months: 12}", "'survival.horizons_months': 12 is no list ([a, b]"),
        ("run: 2024-03-01", "'run': 2024-03-01 is no text (put it between quotation marks: \"2024"),
        ("imaging: null", "'imaging': null is no section of keys"),
        ("split: {validation_fraction: 0,3}", "unknown key 'split.3'"),
        ("split: {validation_fraction: 0,3}", "a decimal comma? Numbers are written with a point"),
        ("radscore: {bootstraps: -1}", "'radscore.bootstraps': -1 is below 10"),
    ],
)
def test_slips_of_yaml_are_told_in_words(config, text, words):
    for section, value in yaml.safe_load(text).items():
        merged = config[section] | value if isinstance(value, dict) else value
        config[section] = merged
    with pytest.raises(ConfigurationError) as raised:
        validate_configuration(config)
    assert words in str(raised.value)
    assert "cell" not in str(raised.value)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("review",), "'review' belongs below 'tables'"),
        (("tables.review",), "'review' belongs below 'tables'"),
        (("by",), "'by' belongs below 'radiomics.harmonise'"),
        (("tables", "imaging"), "'imaging' belongs at the start of a line"),
        (("imaging", "folds"), "'folds' belongs below 'radscore' or below 'dlopctr'"),
        (("reviw",), "did you mean 'review'"),
    ],
)
def test_a_key_in_another_place_is_told_its_own(config, path, words):
    place = config
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = 1
    with pytest.raises(ConfigurationError) as raised:
        validate_configuration(config)
    assert words in str(raised.value)


def test_every_key_of_a_section_is_told_where_it_belongs(config):
    """Whatever key is written at the start of a line."""
    known = {*config}
    for path, _ in schema_keys(load_schema("config")):
        if len(path) > 1 and path[-1] not in known:
            with pytest.raises(ConfigurationError, match=rf"'{path[-1]}' belongs below '"):
                validate_configuration(config | {path[-1]: None})


def test_a_number_as_text_is_told_how_to_be_written(config):
    config["synthetic"]["patients"] = "12"
    with pytest.raises(
        ConfigurationError, match=r"'12' is no whole number \(it is text here: write 12 "
    ):
        validate_configuration(config)
