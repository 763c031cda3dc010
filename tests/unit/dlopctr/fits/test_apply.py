"""Networks applied from what a bundle holds: the numbers of the run that fitted them."""

import numpy as np
import pandas as pd
import pytest

from taceflow.bundle.heads import keep_final_heads
from taceflow.bundle.without_patients import network_description
from taceflow.dlopctr.fits.apply import apply_heads
from taceflow.dlopctr.fits.combin import train_combin
from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.errors import WeightsError
from taceflow.files.tables import read_json, read_table, write_json
from taceflow.survival.regression.variable_selection import Selection

VARIABLES = [
    {"column": "albi_score", "label": "ALBI"},
    {"column": "tumor_location", "label": "Location", "reference": "left"},
]


@pytest.fixture
def fitted(planted, tmp_path, settings):
    """DLOP-Combin of a made-up study, and what of it stands in a bundle."""
    names = {"model": "combin.safetensors", "description": "combin.json", "history": "h.tsv"}
    names |= {"predictions": "combin.tsv", "by_seed": "by_seed.tsv"}
    paths = {key: str(tmp_path / name) for key, name in names.items()}
    train_combin(
        HeadFiles(**planted),
        Training(settings=settings | {"epochs": 3, "seeds": 2}, seed=3, device="cpu", code="x"),
        Selection(variables=VARIABLES, p_enter=1.0, select="univariate"),
        **paths,
    )
    bundle = {"heads": str(tmp_path / "b.safetensors"), "description": str(tmp_path / "b.json")}
    heads = {"dlop_combin": (paths["model"], paths["description"])}
    keep_final_heads(heads, {"dlop_combin": bundle["heads"]})
    write_json(network_description(read_json(paths["description"])), bundle["description"])
    return paths, bundle


def applied(planted, tmp_path, bundle, cohort, name="dlop_combin"):
    cohort.to_csv(tmp_path / "new.tsv", sep="\t", index=False)
    paths = {name: str(tmp_path / f"new_{name}.tsv") for name in ("predictions", "by_seed")}
    apply_heads(
        name,
        patients=str(tmp_path / "new.tsv"),
        embeddings=planted["embeddings"],
        **bundle,
        **paths,
    )
    return {name: read_table(path) for name, path in paths.items()}


def test_new_patients_get_the_numbers_of_the_run(planted, tmp_path, fitted):
    paths, bundle = fitted
    whole = read_table(planted["patients"])
    new = whole[whole["cohort"] == "validation"].assign(cohort="external")
    found = applied(planted, tmp_path, bundle, new.drop(columns=["time_months", "event"]))
    for name in ("predictions", "by_seed"):
        expected = read_table(paths[name])
        expected = expected[expected["cohort"] == "validation"].assign(cohort="external")
        assert len(found[name]) == len(expected) > 20
        pd.testing.assert_frame_equal(
            found[name], expected.reset_index(drop=True), check_exact=False, rtol=1e-12, atol=1e-14
        )


def test_who_lacks_a_clinical_variable_or_has_a_new_level_takes_no_part(planted, tmp_path, fitted):
    _, bundle = fitted
    new = read_table(planted["patients"]).tail(5).assign(cohort="external").reset_index(drop=True)
    new.loc[0, "albi_score"] = np.nan
    new.loc[1, "tumor_location"] = "caudate"
    found = applied(planted, tmp_path, bundle, new)
    assert found["predictions"]["patient_id"].tolist() == new["patient_id"].tolist()[2:]


def test_heads_of_another_network_are_refused(planted, tmp_path, fitted):
    _, bundle = fitted
    more = pd.read_parquet(planted["embeddings"])
    for number in range(2048, 2060):
        more[f"e{number:04d}"] = np.float32(1)
    more.to_parquet(tmp_path / "wide.parquet")
    wide = planted | {"embeddings": str(tmp_path / "wide.parquet")}
    with pytest.raises(WeightsError, match=r"heads of 2051 inputs, but the images have 2060"):
        applied(wide, tmp_path, bundle, read_table(planted["patients"]))
