"""A bundle of recalibrated models names its parent, and is it but for what was recalibrated."""

import copy
import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from taceflow.bundle.recalibrated import write_recalibrated_bundle
from taceflow.errors import ConfigurationError, InputError
from taceflow.files.archive import read_bundle, write_bundle
from taceflow.files.tables import read_table, write_table
from taceflow.report.html import html_page
from taceflow.survival.evaluation.recalibrated_models import recalibrated_model
from taceflow.survival.evaluation.recalibration import Recalibration
from taceflow.survival.models.cut_off import risk_groups
from taceflow.survival.models.stored_cox import model_risk

HORIZONS = [12.0, 36.0]
COX = {
    "kind": "cox",
    "variables": ["radscore", "age"],
    "terms": [{"column": "radscore", "label": "R"}, {"column": "age", "label": "A"}],
    "coefficients": {"radscore": 0.7, "age": 0.031},
    "centre": {"radscore": 0.1, "age": 61.0},
    "baseline": {
        "times_months": HORIZONS,
        "log_cumulative_hazard": [-1.2, -0.1],
        "last_follow_up_months": 36.0,
    },
    "interval": {"covariance": [[0.1]]},
    "groups": {"low": {"n": 20, "events": 8, "survival": {"12": [0.9, 0.8, 0.95]}}},
    "cut_off": 0.21,
    "high_risk": "above",
    "cut_off_method": "median",
    "n": 52,
    "events": 36,
}
NETWORK = {"kind": "network", "baseline": None, "cut_off": 0.4, "n": 52, "events": 36}
MANIFEST = {
    "format": 1,
    "name": "demo",
    "title": None,
    "taceflow": "0.1.0",
    "code": {},
    "libraries": {},
    "settings": {key: {} for key in ("imaging", "patch", "radiomics", "dlopctr", "survival")},
    "needs_images": True,
    "models": {name: {"n": 52, "events": 36, "label": name} for name in ("radscore", "dlopctr")},
    "citations": [],
    "convolutions": None,
}


@pytest.fixture
def parent(tmp_path):
    """A bundle with two Cox models and a network."""
    rows = [
        {"kind": kind, "name": name, "label": label, "n": 52, "q50": 0.123, "q75": 1.1}
        for kind, name, label in (
            ("risk", "radscore", 'Risk by "Radscore"'),
            ("risk", "dlopctr", "Risk by DLOP-CTR"),
            ("clinical", "radscore", "a namesake"),
        )
    ]
    columns = ["kind", "name", "label", "n", "q025", "q10", "q25", "q50", "q75", "q90", "q975"]
    table = pd.DataFrame(rows, columns=[*columns, "levels", "shares", "note"])
    write_table(table, tmp_path / "ranges.tsv", "training_ranges")
    files = {
        "manifest.json": json.dumps(MANIFEST).encode(),
        "models.json": json.dumps({"radscore": COX, "albi": COX, "dlopctr": NETWORK}).encode(),
        "ranges.tsv": (tmp_path / "ranges.tsv").read_bytes(),
        "performance.tsv": b"model\n",
        "card.md": b"# Model card\n\n## Limits\n\nmany\n",
        "card.html": html_page("card", "<h1>Model card</h1>").encode(),
        "dlopctr.safetensors": b"weights",
    }
    write_bundle(files, str(tmp_path / "demo"), str(tmp_path / "demo.zip"))
    return tmp_path / "demo.zip"


@pytest.fixture
def pack(parent, tmp_path):
    """Recalibrate the Radscore's model, and pack it."""
    version = Recalibration(0.8, np.array([-0.9, 0.111]), "up to 24 <months>")
    model = recalibrated_model(COX, "both", version, HORIZONS, n=77, events=53)

    def write(models=None, version="both", of=parent):
        stored = {"radscore": {"both": model}} if models is None else models
        (tmp_path / "recalibrated.json").write_text(json.dumps(stored))
        folder, archive = str(tmp_path / "new"), str(tmp_path / "new.zip")
        write_recalibrated_bundle(
            parent=str(of), recalibrated=str(tmp_path / "recalibrated.json"), version=version,
            name="elsewhere", folder=folder, archive=archive,
        )  # fmt: skip
        assert read_bundle(folder) == read_bundle(archive)
        return read_bundle(archive)

    write.model = model
    return write


def test_it_names_its_parent_and_what_was_done(pack, parent):
    manifest = json.loads(pack()["manifest.json"])
    sums = (parent.parent / "demo" / "SHA256SUMS").read_bytes()
    assert manifest["name"] == "elsewhere"
    assert manifest["parent"] == {
        "name": "demo",
        "sha256": hashlib.sha256(sums).hexdigest(),
        "version": "both",
        "models": ["radscore"],
        "n": 77,
        "events": 53,
    }
    del manifest["parent"]
    assert manifest == {**MANIFEST, "name": "elsewhere"}


def test_all_else_is_the_parents(pack, parent):
    before, after = read_bundle(parent), pack()
    assert set(before) == set(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"manifest.json", "models.json", "ranges.tsv", "card.md", "card.html"}
    models = json.loads(after["models.json"])
    assert (models["albi"], models["dlopctr"]) == (COX, NETWORK)


def test_a_recalibrated_model_tells_nothing_that_was_the_parents_alone(pack):
    model = json.loads(pack()["models.json"])["radscore"]
    assert not {"interval", "groups"} & set(model)
    assert model["baseline"]["log_cumulative_hazard"] == [-0.9, 0.111]


def test_the_same_patients_are_of_high_risk(pack):
    new = json.loads(pack()["models.json"])["radscore"]
    draw = np.random.default_rng(3)
    ages = draw.integers(30, 90, 5000).astype(float)
    patients = pd.DataFrame({"radscore": draw.normal(size=5000), "age": ages})
    before, after = model_risk(COX, patients), model_risk(new, patients)
    np.testing.assert_array_equal(risk_groups(after, new), risk_groups(before, COX))
    assert set(risk_groups(before, COX)) == {"low", "high"}


def test_ranges_of_risks_are_on_the_new_scale(pack, tmp_path):
    (tmp_path / "new_ranges.tsv").write_bytes(pack()["ranges.tsv"])
    table = read_table(tmp_path / "new_ranges.tsv", "training_ranges")
    assert table["q50"].tolist() == [0.0984, 0.123, 0.123]
    assert table["q75"].tolist() == [0.88, 1.1, 1.1]
    assert table["q10"].isna().all()
    assert table["label"][0] == 'Risk by "Radscore"'


def test_the_card_says_what_was_done_in_both_forms(pack):
    files = pack()
    markdown, html = files["card.md"].decode(), files["card.html"].decode()
    assert markdown.startswith("# Model card")
    assert markdown.index("## Limits") < markdown.index("## Recalibrated")
    assert "- Radscore: slope 0.8, survival at 12, 36 months (up to 24 &lt;months&gt;)" in markdown
    assert "- DLOP-CTR: as it was" in markdown
    assert html.count("<h2>Recalibrated</h2>") == 1
    assert html.endswith("</ul>\n</main>\n</body>\n</html>\n")
    assert "77 patients from elsewhere with 53 deaths" in html
    assert "(up to 24 &lt;months&gt;)" in html


def test_what_was_recalibrated_can_be_a_parent(pack, tmp_path):
    pack()
    (tmp_path / "new.zip").rename(tmp_path / "first.zip")
    stored = json.loads(read_bundle(tmp_path / "first.zip")["models.json"])["radscore"]
    version = Recalibration(1.0, np.array([-0.5, 0.2]))
    again = recalibrated_model(stored, "in_the_large", version, HORIZONS, n=30, events=20)
    found = pack({"radscore": {"in_the_large": again}}, "in_the_large", tmp_path / "first.zip")
    manifest = json.loads(found["manifest.json"])
    assert (manifest["parent"]["name"], manifest["parent"]["n"]) == ("elsewhere", 30)
    assert found["card.md"].decode().count("## Recalibrated") == 2


def test_a_version_that_no_model_has_is_refused(pack):
    for models in ({}, {"radscore": {"both": pack.model}}):
        with pytest.raises(ConfigurationError, match=r"by 'slope': survival/recalibration\.tsv"):
            pack(models, "slope")


def test_another_bundle_than_the_applied_one_is_refused(pack):
    other = copy.deepcopy(pack.model)
    other["coefficients"]["age"] += 1e-9
    unknown = {"hap": {"both": pack.model}}
    network = {"dlopctr": {"both": pack.model}}
    for models in ({"radscore": {"both": other}}, unknown, network):
        with pytest.raises(InputError, match="not the one whose models were recalibrated"):
            pack(models)
