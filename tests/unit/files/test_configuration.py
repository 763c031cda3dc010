"""The configuration: an unknown key, a wrong kind, a missing key."""

import copy

import pytest
import yaml

from taceflow.errors import ConfigurationError
from taceflow.files.configuration import validate_configuration
from taceflow.files.paths import absence_hint
from taceflow.files.yaml_files import load_yaml


@pytest.fixture
def config(root):
    return yaml.safe_load((root / "config" / "config.yaml").read_text())


def test_the_demo_configuration_is_valid(config):
    validate_configuration(config)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("radscore", "fold"), 5, ["unknown key", "radscore.fold", "folds"]),
        (("radscore", "horizon_months"), 36, ["radscore.family", "'cox' is none of binomial"]),
        (("radscore", "bootstraps"), 1, ["radscore.bootstraps"]),
        (("typo",), 1, ["unknown key", "'typo'"]),
        (("dlopctr", "epochs"), "many", ["dlopctr.epochs", "many"]),
        (("radscore", "family"), "ridge", ["radscore.family", "ridge"]),
        (("imaging", "spacing_mm"), [1.0, 1.0], ["imaging.spacing_mm"]),
        (("dlopctr", "pre_experiment", "epoch"), 1, ["dlopctr.pre_experiment.epoch"]),
        (("tables",), {"scans": "a.tsv"}, ["tables"]),
        (("patch", "window_hu"), [240, -160], ["patch.window_hu", "240 is not below -160"]),
        (("patch", "window_hu"), [0, 0], ["patch.window_hu"]),
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
        (("tables",), "a.tsv", ["'tables'", "fits none"]),
        (("archive",), {"root": ""}, ["'archive.root'"]),
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
        validate_configuration(changed)
    assert all(word in str(raised.value) for word in words)


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


def test_a_missing_key_is_named(config):
    del config["radscore"]["seed"]
    with pytest.raises(ConfigurationError, match=r"'radscore'.*'seed'"):
        validate_configuration(config)


def test_every_object_of_the_schema_is_closed(root):
    schema = yaml.safe_load((root / "workflow/schemas/config.schema.yaml").read_text())

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


def test_a_number_as_text_is_told_how_to_be_written(config):
    config["synthetic"]["patients"] = "12"
    with pytest.raises(
        ConfigurationError, match=r"'12' is no whole number \(it is text here: write 12 "
    ):
        validate_configuration(config)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "run: a\nsplit:\n  seed: 1\nrun: b\n",
            "line 4: the key 'run' stands twice, first in line 1",
        ),
        ("split:\n  seed: 1\n  seed: 2\n", "line 3: the key 'seed' stands twice, first in line 2"),
        ("survival:\n  variables:\n    - {column: a, column: b}\n", "line 3: the key 'column'"),
        ("run: a\nsplit:\n\tseed: 1\n", "line 3, column 1: no valid YAML"),
        ('run: "a\nsplit: 1\n', "no valid YAML"),
        ("run: [1, 2\nsplit: 1\n", "line 2"),
    ],
)
def test_a_slip_in_yaml_is_told_with_its_line(tmp_path, content, words):
    path = tmp_path / "study.yaml"
    path.write_text(content)
    with pytest.raises(ConfigurationError) as raised:
        load_yaml(path)
    assert words in str(raised.value)
    assert "study.yaml" in str(raised.value)


def test_yaml_without_a_slip_is_read(root, tmp_path):
    for file in sorted((root / "config").rglob("*.yaml")):
        assert load_yaml(file) == yaml.safe_load(file.read_text())
    (tmp_path / "a.json").write_text('{\n\t"run": "a"\n}\n')
    assert load_yaml(tmp_path / "a.json") == {"run": "a"}
    (tmp_path / "a.yaml").write_text("a: &x {b: 1}\nc: {<<: *x, d: 2}\n")
    assert load_yaml(tmp_path / "a.yaml")["c"] == {"b": 1, "d": 2}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("~/ct/P1", "are not replaced"),
        ("$HOME/ct", "are not replaced"),
        ("%USERPROFILE%/ct", "are not replaced"),
        ("D:\\ct\\P1", "a path of Windows"),
        ('"D:/ct/P1"', "quotation marks"),
        ("“ct/P1”", "quotation marks"),
        ("https://x.org/ct.zip", "not fetched"),
        ("ct/P1", "relative to the folder"),
    ],
)
def test_a_path_that_is_not_there_is_told_why(path, words):
    assert words in absence_hint(path)
