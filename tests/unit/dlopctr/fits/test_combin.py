"""DLOP-Combin: what each fit takes, and that a fold knows nothing of those left out."""

import numpy as np
import pandas as pd
import pytest
from lifelines.utils import concordance_index

from taceflow.dlopctr.dataset import load_images
from taceflow.dlopctr.fits.combin import clinical_inputs, train_combin
from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.dlopctr.head.fitted_head import load_heads
from taceflow.errors import (
    CohortTooSmallError,
)
from taceflow.files.tables import read_json, read_table
from taceflow.survival.regression.design import Term
from taceflow.survival.regression.variable_selection import Selection, selection_name

VARIABLES = [
    {"column": "albi_score", "label": "ALBI"},
    {"column": "marker", "label": "Marker"},
]


def train(files, cohort, folder, settings, select="univariate"):
    folder.mkdir()
    cohort.to_csv(folder / "patients.tsv", sep="\t", index=False)
    names = {
        "model": "combin.safetensors", "description": "combin.json", "history": "history.tsv",
        "predictions": "combin.tsv", "by_seed": "combin_by_seed.tsv",
    }  # fmt: skip
    train_combin(
        HeadFiles(**files | {"patients": str(folder / "patients.tsv")}),
        Training(settings=settings, seed=3, device="cpu", code="x"),
        Selection(variables=VARIABLES, p_enter=0.05, select=select),
        **{key: str(folder / name) for key, name in names.items()},
    )
    described = read_json(folder / "combin.json")
    heads = load_heads(
        str(folder / "combin.safetensors"), intervals=len(described["breaks_months"]) - 1
    )
    return described, heads, read_table(folder / "combin.tsv")


@pytest.mark.parametrize("select", ["univariate", "stepwise"])
def test_each_fold_chooses_its_own_factors(planted, tmp_path, settings, select):
    """A factor that tells one fold's deaths only is not known where that fold is left out."""
    settings = settings | {"epochs": 2, "seeds": 1}
    cohort = read_table(planted["patients"])
    fold = cohort["patient_id"].map(read_table(planted["splits"]).set_index("patient_id")["fold"])
    random = np.random.default_rng(1)
    early = -cohort["time_months"].rank(pct=True)
    told = (fold == 2) & (cohort["event"] == 1)
    cohort["marker"] = random.normal(0, 0.1, len(cohort)) + np.where(told, 3 + 3 * early, 0.0)
    cohort["albi_score"] = early + random.normal(0, 0.4, len(cohort))
    described, heads, table = train(planted, cohort, tmp_path / "first", settings, select)
    entered = described["clinical"]
    assert "albi_score" in entered["fold2"]
    assert "marker" not in entered["fold2"]
    assert any("marker" in columns for columns in entered.values())
    assert described["selection"] == selection_name(0.05, select)
    # the outcome of a patient of fold 2 changes nothing of the fit that predicts fold 2
    subject = cohort[(fold == 2) & (cohort["event"] == 1)].index[0]
    cohort.loc[subject, "time_months"] = 0.3
    again, others, moved = train(planted, cohort, tmp_path / "second", settings, select)
    assert again["terms"]["fold2"] == described["terms"]["fold2"]
    np.testing.assert_array_equal(
        others["seed1.fold2"].weight[:, :2048], heads["seed1.fold2"].weight[:, :2048]
    )
    mine = table["patient_id"].isin(cohort.loc[fold == 2, "patient_id"])
    np.testing.assert_array_equal(table.loc[mine, "dlop_combin"], moved.loc[mine, "dlop_combin"])


def test_a_factor_that_tells_deaths_outside_the_training_cohort_only_is_not_chosen(
    planted, tmp_path, settings
):
    cohort = read_table(planted["patients"])
    random = np.random.default_rng(5)
    early = -cohort["time_months"].rank(pct=True)
    outside = cohort["cohort"] != "training"
    assert outside.sum() > 10
    cohort["albi_score"] = early + random.normal(0, 0.4, len(cohort))
    cohort["marker"] = random.normal(0, 0.1, len(cohort)) + np.where(outside, 20 * early, 0.0)
    described, _, _ = train(
        planted, cohort, tmp_path / "combin", settings | {"epochs": 2, "seeds": 1}
    )
    assert all(columns == ["albi_score"] for columns in described["clinical"].values())


def test_fits_with_fewer_factors_have_columns_of_zeros(planted):
    cohort = read_table(planted["patients"])
    images = load_images(planted["embeddings"], cohort, standardise=True)
    cohort.loc[3, "albi_score"] = np.nan
    terms = [[Term("albi_score"), Term("tumor_location", "left", ("right", "others"))], [], []]
    everybody = np.ones(len(cohort), dtype=bool)
    whole, without, _ = clinical_inputs(images, cohort, terms, everybody)
    assert whole.images.clinical == without.images.clinical == 3
    assert whole.images.vectors.shape == without.images.vectors.shape
    assert (without.images.vectors[:, :, -3:] == 0).all()
    assert list(np.flatnonzero(~whole.usable)) == [3]
    assert without.usable.all()


def test_nobody_has_all_factors(planted):
    cohort = read_table(planted["patients"])
    images = load_images(planted["embeddings"], cohort, standardise=True)
    cohort["albi_score"] = np.nan
    everybody = pd.Series(True, index=cohort.index).to_numpy()
    with pytest.raises(CohortTooSmallError, match="none of 110 training patients has a value"):
        clinical_inputs(images, cohort, [[Term("albi_score")]], everybody)


def test_no_tuning_patient_has_all_factors(planted, tmp_path, settings):
    cohort = read_table(planted["patients"])
    splits = read_table(planted["splits"]).set_index("patient_id")["tuning"]
    cohort["marker"] = -cohort["time_months"].rank(pct=True) + np.random.default_rng(2).normal(
        0, 0.4, len(cohort)
    )
    cohort.loc[cohort["patient_id"].map(splits) == 1, "marker"] = np.nan
    with pytest.raises(CohortTooSmallError, match="none of the tuning patients of final"):
        train(planted, cohort, tmp_path / "gaps", settings)


def test_combin_uses_both_and_leaves_out_patients_with_gaps(planted, tmp_path, settings):
    cohort = read_table(planted["patients"])
    # a factor that tells what the images do not
    late = cohort["time_months"].rank(pct=True)
    cohort["albi_score"] = -late + np.random.default_rng(0).normal(0, 0.4, len(cohort))
    cohort.loc[:3, "albi_score"] = np.nan
    cohort.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    variables = [
        {"column": "albi_score", "label": "ALBI"},
        {"column": "tumor_location", "label": "Location", "reference": "left"},
        {"column": "dlopctr", "label": "DLOP-CTR"},
    ]
    train_combin(
        HeadFiles(**planted | {"patients": str(tmp_path / "patients.tsv")}),
        Training(settings=settings, seed=3, device="cpu", code="x"),
        model=str(tmp_path / "combin.safetensors"),
        description=str(tmp_path / "combin.json"),
        history=str(tmp_path / "combin_history.tsv"),
        predictions=str(tmp_path / "combin.tsv"),
        by_seed=str(tmp_path / "combin_by_seed.tsv"),
        selection=Selection(variables=variables, p_enter=0.05, select="univariate"),
    )
    table = read_table(tmp_path / "combin.tsv", "dlopctr_predictions")
    assert len(table) == len(cohort) - 4
    assert all(
        "albi_score" in each for each in read_json(tmp_path / "combin.json")["clinical"].values()
    )
    both = table.merge(cohort, on=["patient_id", "cohort"])
    both = both[both["cohort"] == "validation"]
    with_clinical = concordance_index(both["time_months"], both["dlop_combin"], both["event"])
    assert with_clinical > 0.7
