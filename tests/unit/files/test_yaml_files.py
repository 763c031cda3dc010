"""YAML as people write it: a slip is told with its line."""

import pytest
import yaml

from taceflow.errors import ConfigurationError
from taceflow.files.yaml_files import load_yaml


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
        ("run: a\nsplit:\n\tseed: 1\n", "Write spaces in place of tabs"),
        ('tables: "C:\\Users\\kim.xlsx"\n', "write paths with /"),
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
