import json

import pytest

from taceflow.bundle.opened import lay_out, open_model
from taceflow.errors import ConfigurationError, InputError
from taceflow.files.archive import write_bundle

MANIFEST = {
    "format": 1,
    "name": "demo",
    "title": None,
    "taceflow": "0.1.0",
    "code": {},
    "libraries": {},
    "needs_images": True,
    "models": {},
    "citations": [],
    "convolutions": {"source": "random", "sha256": "ab", "inside": True},
    "settings": {name: {} for name in ("imaging", "patch", "radiomics", "dlopctr", "survival")},
}


@pytest.fixture
def written(tmp_path):
    def write(**changes):
        files = {
            "manifest.json": json.dumps(MANIFEST),
            "radscore.json": '{"coefficients": {"a": 1.0}}',
            "models.json": "{}",
            "panel.yaml": "setting: {binWidth: 25}",
            "backbone.safetensors": "weights",
        } | changes
        content = {name: text.encode() for name, text in files.items() if text is not None}
        write_bundle(content, str(tmp_path / "bundle"), str(tmp_path / "bundle.zip"))
        return {kind: str(tmp_path / f"bundle{kind}") for kind in ("", ".zip")}

    return write


@pytest.mark.parametrize("kind", ["", ".zip"])
def test_a_bundle_is_opened_with_and_without_its_weights(written, kind):
    path = written()[kind]
    for whole in (True, False):
        model = open_model(path, whole=whole)
        assert model.radscore == {"coefficients": {"a": 1.0}}
        assert model.panel == {"setting": {"binWidth": 25}}
        assert model.combin_terms == []
        assert "backbone.safetensors" in model.names
        assert model.convolutions["inside"]


def test_another_format_names_the_version_that_reads_it(written):
    later = json.dumps(MANIFEST | {"format": 2, "taceflow": "3.0.0"})
    paths = written(**{"manifest.json": later})
    with pytest.raises(ConfigurationError, match=r"format 2, .* reads format 1: .*3\.0\.0"):
        open_model(paths[".zip"], whole=True)


@pytest.mark.parametrize(
    "change",
    [
        {"manifest.json": "[]"},
        {"manifest.json": "{"},
        {"manifest.json": json.dumps({**MANIFEST, "models": 3})},
        {"radscore.json": None},
        {"panel.yaml": None},
        {"panel.yaml": "setting: {"},
    ],
)
def test_what_is_sealed_but_no_model_is_refused(written, change):
    with pytest.raises(InputError, match="the bundle is whole, but not as taceflow writes one"):
        open_model(written(**change)[".zip"], whole=True)


def test_a_changed_weight_is_found_when_the_whole_is_read(written, tmp_path):
    path = written()[""]
    (tmp_path / "bundle" / "backbone.safetensors").write_bytes(b"Weights")
    assert open_model(path, whole=False).radscore
    with pytest.raises(InputError, match=r"backbone\.safetensors changed"):
        open_model(path, whole=True)
    with pytest.raises(InputError, match=r"backbone\.safetensors changed"):
        lay_out(path, [str(tmp_path / "out" / "panel.yaml")])


def test_files_are_laid_out_as_they_are(written, tmp_path):
    out = tmp_path / "model" / "opened"
    lay_out(written()[".zip"], [str(out / "panel.yaml"), str(out / "backbone.safetensors")])
    assert (out / "backbone.safetensors").read_bytes() == b"weights"
    assert (out / "panel.yaml").read_text() == "setting: {binWidth: 25}"
