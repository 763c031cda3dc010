"""What several studies are asked."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from taceflow.files.archive import read_bundle
from taceflow.files.tables import read_table
from taceflow.radscore.model import radscore
from taceflow.survival.models.stored_cox import apply_model

TABLES = (
    *("cohort/patients.tsv", "cohort/readings.tsv", "cohort/quality.tsv", "radscore/scores.tsv"),
    *("survival/predictions.tsv", "dlopctr/predictions.tsv"),
)
LIMIT = "_(lower|upper)$"
NUMBER = re.compile(rb"(?<![\w.])-?\d+\.?\d*(?:e-?\d+)?")


def numbers_of_one(frames):
    """Return the numbers of six digits or more that one patient alone has in a column."""
    columns = [frame[name] for frame in frames for name in frame.select_dtypes("number")]
    values = np.concatenate([one.drop_duplicates(keep=False).to_numpy(float) for one in columns])
    return {value for value in values[np.isfinite(values)] if len(f"{abs(value):.15g}") > 6}


@pytest.fixture(scope="session")
def assert_nobody_in():
    """Assert that no id, and no number of one patient, stands in the files of a bundle.

    Numbers of fewer than six digits are passed over: the same may stand there by chance.
    """

    def check(bundle, study):
        frames = [
            read_table(study.results / name) for name in TABLES if (study.results / name).is_file()
        ]
        features = pd.read_parquet(study.results / "radiomics" / "reader1-1.parquet")
        ids = set().union(*(frame["patient_id"] for frame in frames))
        theirs = numbers_of_one(frames)
        of_features = numbers_of_one([features])
        assert len(ids) > 20
        assert len(theirs) > 50
        assert len(of_features) > 200
        for name, content in bundle.items():
            if name.endswith(".safetensors"):
                continue
            named = [one for one in ids if re.search(rf"\b{re.escape(one)}\b".encode(), content)]
            # a C is a ratio of small numbers, as some features are
            known = theirs if name == "performance.tsv" else theirs | of_features
            told = {float(token) for token in NUMBER.findall(content)} & known
            assert (name, named, told) == (name, [], set())

    return check


@pytest.fixture(scope="session")
def assert_same_predictions():
    """Assert that the Cox models of a bundle predict what the run did, to the last digit.

    The limits of survival are near those by the run's own models.
    """

    def check(study, horizons, dlopctr=None):
        bundle = read_bundle(study.results / "model" / "bundle.zip")
        cohort, predicted = (
            read_table(study.results / name)
            for name in ("cohort/patients.tsv", "survival/predictions.tsv")
        )
        features = pd.read_parquet(study.results / "radiomics" / "reader1-1.parquet")
        features = features.set_index("patient_id").loc[cohort["patient_id"]]
        cohort["radscore"] = radscore(features, json.loads(bundle["radscore.json"]))
        if dlopctr is not None:
            cohort["dlopctr"] = cohort["patient_id"].map(dlopctr)
        models = json.loads(bundle["models.json"])
        own = json.loads((study.results / "survival" / "models.json").read_text())
        cox = {name: model for name, model in models.items() if model["kind"] == "cox"}
        assert {"clinical", "radscore", "bclc_b"} <= set(cox)
        for name, model in cox.items():
            found = apply_model(name, model, cohort, horizons).sort_values("patient_id")
            expected = predicted[predicted["model"] == name].sort_values("patient_id")
            pd.testing.assert_frame_equal(
                found.reset_index(drop=True)[expected.columns],
                expected.reset_index(drop=True),
                check_exact=True,
                check_dtype=False,
            )
            limits, exact = (
                apply_model(name, one, cohort, horizons, with_limits=True).filter(regex=LIMIT)
                for one in (model, own[name])
            )
            assert limits.shape[1] == 2 * len(horizons)
            assert not ((limits - exact).abs() > 0.02).any(axis=None)

    return check
