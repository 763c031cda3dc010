"""What several studies are asked."""

import re

import numpy as np
import pandas as pd
import pytest

TABLES = (
    *("cohort/patients.tsv", "cohort/readings.tsv", "cohort/quality.tsv", "radscore/scores.tsv"),
    *("survival/predictions.tsv", "dlopctr/predictions.tsv"),
)
NUMBER = re.compile(rb"(?<![\w.])-?\d+\.?\d*(?:e-?\d+)?")


@pytest.fixture(scope="session")
def assert_nobody_in():
    """Assert that no id, and no number of one patient, stands in the files of a bundle.

    Numbers of fewer than six digits are passed over: the same may stand there by chance.
    """

    def check(bundle, study):
        frames = [
            pd.read_csv(study.results / name, sep="\t", dtype={"patient_id": str})
            for name in TABLES
            if (study.results / name).is_file()
        ]
        frames.append(pd.read_parquet(study.results / "radiomics" / "reader1-1.parquet"))
        ids = set().union(*(frame["patient_id"] for frame in frames))
        columns = [frame[name] for frame in frames for name in frame.select_dtypes("number")]
        # what several share is nobody's own
        values = np.concatenate(
            [one.drop_duplicates(keep=False).to_numpy(float) for one in columns]
        )
        theirs = {value for value in values[np.isfinite(values)] if len(f"{abs(value):.15g}") > 6}
        assert len(ids) > 20
        assert len(theirs) > 200
        for name, content in bundle.items():
            if name.endswith(".safetensors"):
                continue
            named = [one for one in ids if re.search(rf"\b{re.escape(one)}\b".encode(), content)]
            told = {float(token) for token in NUMBER.findall(content)} & theirs
            assert (name, named, told) == (name, [], set())

    return check
