"""The configuration: what is left out, an unknown key, a wrong kind, a key that says nothing."""

import copy
from pathlib import Path

import pytest
import yaml

from taceflow.errors import ConfigurationError
from taceflow.files.configuration import (
    complete_configuration,
    default_configuration,
    validate_configuration,
)
from taceflow.files.schemas import load_schema
from taceflow.files.yaml_keys import schema_keys


@pytest.fixture
def config(root):
    return yaml.safe_load((root / "config" / "config.yaml").read_text())


def test_the_demo_configuration_is_valid(config):
    validate_configuration(config)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("radscore", "fold"), 5, ["unknown key", "radscore.fold", "'folds'? Every"]),
        (("radscore", "horizon_months"), 36, ["radscore.family", "'cox' is none of binomial"]),
        (("radscore", "bootstraps"), 1, ["radscore.bootstraps"]),
        (("typo",), 1, ["unknown key", "'typo'"]),
        (("dlopctr", "epochs"), "many", ["dlopctr.epochs", "many"]),
        (("radscore", "family"), "ridge", ["radscore.family", "ridge"]),
        (("imaging", "spacing_mm"), [1.0, 1.0], ["imaging.spacing_mm"]),
        (("dlopctr", "pre_experiment", "epoch"), 1, ["dlopctr.pre_experiment.epoch"]),
        (
            ("tables",),
            {"scans": "a.tsv"},
            ["'tables.scans' says nothing without"],
        ),
        (
            ("tables",),
            {"patients": "a.tsv", "features_id": "Image"},
            ["'tables.features_id' says nothing without 'tables.features'"],
        ),
        (("archive",), {"roi": "Mass"}, ["'archive.roi' says nothing without 'archive.root'"]),
        (("radiomics", "perturbations"), {"count": 20}, ["perturbations.count' says nothing"]),
        (("radiomics", "harmonise"), {"unseen": "refuse"}, ["harmonise.unseen' says nothing"]),
        (("radiomics", "harmonise"), {"by": "event"}, ["'event' is no scanner or centre"]),
        (("radiomics", "harmonise"), {"by": "cohort"}, ["'cohort' is no scanner or centre"]),
        (("radiomics", "harmonise"), "centre", ["'radiomics.harmonise'", "no section"]),
        (("public_cohort",), {"folder": "here"}, ["'public_cohort.folder' says nothing"]),
        (("patch", "window_hu"), [240, -160], ["patch.window_hu", "240 is not below -160"]),
        (("patch", "window_hu"), [0, 0], ["patch.window_hu"]),
        (("figures", "colours"), "okabe", ["'figures.colours': 'okabe' is no set of colours"]),
        (("figures", "colours"), ["#F0E442"] * 6, ["too pale", "too alike"]),
        (("figures", "colours"), [None, None], ["figures.colours", "in quotes"]),
        (("figures", "colours"), None, ["figures.colours", "in quotes"]),
        (("figures", "width_mm"), {"column": 8.5}, ["figures.width_mm.column", "75"]),
        (("figures", "decimal_mark"), ",", ["figures.decimal_mark", "none of point, comma"]),
        (("dlopctr", "learning_rate"), "1e-4", ["dlopctr.learning_rate", "write 0.0001"]),
        (("dlopctr", "weight_decay"), "1e-4", ["dlopctr.weight_decay", "write 0.0001"]),
        (
            ("imaging", "phase_patterns", "arterial"),
            "art(",
            ["phase_patterns.arterial", "no regular expression", "position 3"],
        ),
        (("survival", "horizons_months"), [12, 24, 12.0], ["horizons_months", "an entry twice"]),
        (
            ("survival", "variables"),
            [{"column": "sex", "label": ""}],
            ["entry 1.label", "is empty"],
        ),
        (("run",), "demo\n", ["'run'", "letters, digits"]),
        (("tables",), {"patients": "a.tsv", "scan": "b"}, ["unknown key 'tables.scan'", "scans"]),
        (("tables",), {"patients": 3}, ["'tables.patients'", "3 is no text"]),
        (("tables",), "a.tsv", ["'tables'", "'a.tsv' is no workbook"]),
        (("dlopctr", "protocol"), "seed", ["'seed' is none of own, paper", "write paper"]),
        (("archive",), {"root": ""}, ["'archive.root'"]),
        (("archive",), "ct.zip", ["'archive'", "ct.zip"]),
        (("dlopctr", "dropout"), 1.5, ["'dlopctr.dropout'", "1.5 is not below 1"]),
        (("tables",), {"patients": "a{b.tsv"}, ["'tables.patients'", "a{b.tsv", "rename"]),
        (("archive",), {"root": "ct}", "ids": "{x}.tsv"}, ["'archive.root'", "'archive.ids'"]),
        (("dlopctr", "backbone"), "{net}.pth", ["'dlopctr.backbone'", "{net}.pth", "rename"]),
        (("tables",), {"patients": "<study>/p.tsv"}, ["'tables.patients'", "'<study>'", "rename"]),
        (("archive",), {"root": "<path>/ct"}, ["'archive.root'", "'<path>'", "rename"]),
        (("radiomics", "panel"), "{p}.yaml", ["'radiomics.panel'", "{p}.yaml", "rename"]),
    ],
)
def test_a_bad_key_is_named(config, path, value, words):
    changed = copy.deepcopy(config)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ConfigurationError) as raised:
        complete_configuration(changed)
    assert all(word in str(raised.value) for word in words)


def test_the_published_radscore_is_of_features_as_they_are(config):
    config["radiomics"]["harmonise"]["by"] = "centre"
    validate_configuration(config)
    config["radscore"]["family"] = "published"
    with pytest.raises(ConfigurationError, match="published Radscore is of features as they are"):
        validate_configuration(config)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("age_years", "column 'age_years' stands twice"),
        *((name, f"column '{name}' is no variable") for name in ("patient_id", "cohort")),
        *((name, f"column '{name}' is no variable") for name in ("time_months", "event")),
    ],
)
def test_a_variable_that_can_be_none_is_named(config, column, words):
    config["survival"]["variables"].append({"column": column, "label": "More"})
    with pytest.raises(ConfigurationError, match=rf"'survival\.variables': {words}"):
        validate_configuration(config)


def test_a_truth_value_may_be_a_reference(config):
    config["survival"]["variables"][0]["reference"] = False
    validate_configuration(config)


def test_what_a_configuration_leaves_out_is_the_default(config, root, monkeypatch):
    monkeypatch.chdir(root)
    empty, partial = {}, {"radscore": {"folds": 7}, "dlopctr": None, "imaging": {"never": None}}
    complete_configuration(empty)
    complete_configuration(partial)
    assert empty == config
    config["radscore"]["folds"] = 7
    config["imaging"]["never"] = None
    assert partial == config
    # a list of the user's takes the place of the whole default
    variables = [{"column": "sex", "label": "Sex"}]
    few = {"survival": {"variables": variables}}
    complete_configuration(few)
    assert few["survival"] == config["survival"] | {"variables": variables}


def test_the_default_panel_is_found_from_every_folder(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = {}
    complete_configuration(config)
    assert (tmp_path / config["radiomics"]["panel"]).samefile(root / "config" / "radiomics.yaml")
    for panel in ("mine.yaml", "config/radiomics_full.yaml"):
        given = {"radiomics": {"panel": panel}}
        complete_configuration(given)
        assert Path(given["radiomics"]["panel"]).exists() == (panel != "mine.yaml")
    Path("config").mkdir()
    Path(panel).touch()
    given = {"radiomics": {"panel": panel}}
    complete_configuration(given)
    assert given["radiomics"]["panel"] == panel


def test_every_key_has_a_default():
    def has_default(path):
        value = default_configuration()
        for name in path:
            if name not in value:
                return False
            value = value[name]
        return True

    keys = [path for path, _ in schema_keys(load_schema("config"))]
    keys = [path for path in keys if not any(name.endswith("[]") for name in path)]
    assert len(keys) > 100
    # a phase without a time or a place is not chosen by it
    optional = [("imaging", name, "unenhanced") for name in ("timing_s", "order")]
    assert [path for path in keys if not has_default(path)] == optional


def test_every_object_of_the_schema_is_closed():
    schema = load_schema("config")

    def objects(node, name):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield name, node
            for key, child in node.items():
                yield from objects(child, f"{name}.{key}")
        elif isinstance(node, list):
            for child in node:
                yield from objects(child, name)

    found = list(objects(schema, "config"))
    assert len(found) > 8
    assert [name for name, node in found if node.get("additionalProperties") is not False] == []
