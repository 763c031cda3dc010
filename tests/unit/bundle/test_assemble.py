import copy
import hashlib
import json

import pandas as pd
import pytest

from taceflow.bundle.assemble import SETTINGS, BundleSources, bundle_model
from taceflow.files.archive import read_bundle
from taceflow.files.configuration import default_configuration
from taceflow.files.tables import write_table

ENDS = ("", "_lower", "_upper")
MODEL = {"kind": "cox", "n": 52, "events": 36, "baseline": None, "note": "of HCC-001"}
PERFORMANCE = {"model": "radscore", "cohort": "training", "metric": "c_index", "n": 52}
BACKBONE = {"source": "random", "sha256": "ab" * 32}


@pytest.fixture
def bundled(tmp_path):
    """Bundle a made-up run."""

    def bundle(backbone=BACKBONE, **more):
        described = {
            "radscore": {"coefficients": {"a_firstorder_Mean": 0.5}, "note": "HCC-001 shares"},
            "models": {"radscore": MODEL, "albi": MODEL},
            "clinical_variables": {"variables": [], "note": "level HCC-001"},
        }
        described |= more
        weights = {}
        if backbone:
            network = {"breaks_months": [0, 12], "settings": {}, "kept_epochs": {"seed1.fold1": 2}}
            described |= {"network": network, "combin": network, "backbone": backbone}
            weights = {name: tmp_path / name for name in ("dlopctr", "dlop_combin", "backbone")}
        for name, content in described.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
        for name, path in weights.items():
            path.write_bytes(f"weights of {name}".encode())
        patients = pd.DataFrame({"patient_id": [f"HCC-{k:03d}" for k in range(1, 43)]})
        patients = patients.assign(cohort=["training"] * 40 + ["external"] * 2)
        patients["time_months"], patients["event"] = range(1, 43), [1, 1, 0] * 14
        patients.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
        predicted = patients.assign(model="radscore", risk=0.5, risk_group="low")
        write_table(
            predicted.drop(columns=["time_months", "event"]),
            tmp_path / "predictions.tsv",
            "survival_predictions",
        )
        icc = pd.DataFrame({"feature": ["a_firstorder_Mean", "a_glcm_Id"], "kept": [1, 0]})
        estimates = [f"icc_{kind}{end}" for kind in ("intra", "inter") for end in ENDS]
        icc = icc.assign(n_intra=0, n_inter=0, reason=["reproducible", "constant"])
        icc = icc.assign(**dict.fromkeys(estimates))
        write_table(icc, tmp_path / "icc.tsv", "icc")
        for name in ("ranges.tsv", "card.md"):
            (tmp_path / name).write_text(f"content of {name}")
        (tmp_path / "panel.yaml").write_text("# fails for HCC-001\nsetting: {binWidth: 25}\n")
        merit = pd.DataFrame([PERFORMANCE]).assign(events=36, estimate=0.7, note="of HCC-001")
        merit = merit.assign(horizon_months=None, lower=0.6, upper=0.8)
        merit.to_csv(tmp_path / "performance.tsv", sep="\t", index=False)
        config = copy.deepcopy(default_configuration())
        config["archive"]["root"] = "/pacs/of/our/hospital"
        config["dlopctr"]["backbone"] = "/pacs/of/our/hospital/meier.pt"
        config["citations"] = ["Somebody et al."]
        bundle_model(
            BundleSources(
                descriptions={name: str(tmp_path / f"{name}.json") for name in described},
                patients=str(tmp_path / "patients.tsv"),
                predictions=str(tmp_path / "predictions.tsv"),
                icc=str(tmp_path / "icc.tsv"),
                performance=str(tmp_path / "performance.tsv"),
                ranges=str(tmp_path / "ranges.tsv"),
                panel=str(tmp_path / "panel.yaml"),
                card={"card.md": str(tmp_path / "card.md")},
                weights={name: str(path) for name, path in weights.items()},
            ),
            config=config,
            code={"imaging/resample": "0123"},
            libraries={"numpy": "2.1"},
            folder=str(tmp_path / "demo"),
            archive=str(tmp_path / "demo.zip"),
        )
        return read_bundle(tmp_path / "demo.zip")

    return bundle


def test_a_bundle_holds_what_a_prediction_needs(bundled):
    files = bundled()
    assert set(files) == {
        *("manifest.json", "radscore.json", "models.json", "clinical_variables.json"),
        *("dlopctr.json", "dlop_combin.json", "backbone.json", "panel.yaml", "ranges.tsv"),
        *("performance.tsv", "card.md"),
        *("dlopctr.safetensors", "dlop_combin.safetensors", "backbone.safetensors"),
    }
    manifest = json.loads(files["manifest.json"])
    assert (manifest["format"], manifest["citations"]) == (1, ["Somebody et al."])
    assert manifest["convolutions"] == {"source": "random", "sha256": "ab" * 32, "inside": True}
    assert manifest["settings"]["imaging"]["spacing_mm"] == [1.0, 1.0, 1.0]
    assert {section: set(keys) for section, keys in manifest["settings"].items()} == {
        section: set(keys) for section, keys in SETTINGS.items()
    }
    assert manifest["models"]["radscore"] == {"n": 52, "events": 36, "label": "Radscore"}
    assert json.loads(files["radscore.json"])["reproducible"] == ["a_firstorder_Mean"]
    models = json.loads(files["models.json"])
    assert (models["radscore"]["groups"]["low"]["n"], models["albi"]["groups"]) == (40, {})
    assert files["dlopctr.safetensors"] == b"weights of dlopctr"
    assert files["panel.yaml"] == b"setting:\n  binWidth: 25\n"
    assert b"c_index" in files["performance.tsv"]


def test_of_harmonised_features_it_holds_what_the_radscore_needs(bundled):
    assert "harmonisation" not in json.loads(bundled()["radscore.json"])
    one = {"centre": 0.5, "location": [0.2, 0.9], "scale": [0.8, 1.2]}
    stored = {"by": "centre", "unseen": "leave", "batches": ["Bonn", "Ulm"], "of": "HCC-001"}
    stored["features"] = {"a_firstorder_Mean": one, "a_glcm_Id": one}
    told = json.loads(bundled(harmonisation=stored)["radscore.json"])["harmonisation"]
    assert told.pop("features") == {"a_firstorder_Mean": one}
    assert told == {"by": "centre", "unseen": "leave", "batches": ["Bonn", "Ulm"]}


def test_what_is_a_hospitals_or_a_patients_own_stays(bundled):
    content = b"".join(bundled().values())
    for word in (b"/pacs/of/our/hospital", b"phase_patterns", b"HCC-001", b"fold1", b'note":'):
        assert word not in content


def test_weights_that_anybody_can_have_stay_out(bundled):
    files = bundled(BACKBONE | {"source": "imagenet"})
    assert "backbone.safetensors" not in files
    manifest = json.loads(files["manifest.json"])
    assert manifest["convolutions"] == {"source": "imagenet", "sha256": "ab" * 32, "inside": False}
    assert "dlopctr.safetensors" in files


def test_weights_of_ones_own_stay_out(bundled):
    files = bundled(BACKBONE | {"source": "meier.pt"})
    assert "backbone.safetensors" not in files
    assert b"meier" not in b"".join(files.values())
    assert json.loads(files["manifest.json"])["convolutions"]["source"] == "file"


def test_without_images_there_is_no_network(bundled):
    files = bundled(None)
    assert not [name for name in files if name.startswith(("dlop", "backbone"))]
    manifest = json.loads(files["manifest.json"])
    assert manifest["convolutions"] is None
    assert manifest["needs_images"] is False


def test_the_same_run_is_the_same_bundle(bundled, tmp_path):
    digests = set()
    for _ in range(2):
        bundled()
        digests.add(hashlib.sha256((tmp_path / "demo.zip").read_bytes()).hexdigest())
    assert len(digests) == 1
