"""The methods section says what the configuration says, key by key."""

import copy
import re

import pandas as pd
import pytest
import yaml

from taceflow.dlopctr.head.settings import head_settings
from taceflow.report.methods import methods
from taceflow.report.references import uncited
from taceflow.report.report import write_report

SECTIONS = ("split", "imaging", "patch", "radiomics", "radscore", "dlopctr", "survival")

PERTURBED = {"patients": 30, "count": 10, "seed": 6, "contour_mm": 1, "correlation_mm": 5}
PERTURBED |= {"volume_fraction": 0.15, "translation_mm": 0.5}

HARMONISED = {"by": "centre", "unseen": "refuse"}

SAID = {
    "split.seed": (77, "a hash of seed 77 and id"),
    "split.validation_fraction": (0.25, "puts 25% into validation"),
    "imaging.phase": ("portal", "Of each patient the portal CT was used"),
    "imaging.gantry_tilt": ("resample", "a tilted gantry is sheared straight"),
    "imaging.tumors": ("each", "measured each for itself and averaged, weighted by volume"),
    "imaging.spacing_mm": ([0.8, 0.8, 2.5], "resampled to 0.8 × 0.8 × 2.5 mm"),
    "imaging.mask_interpolation": ("linear", "masks by linear interpolation cut at 0.5"),
    "imaging.minimum_roi_voxels": (99, "a mask below 99 voxels"),
    "patch.margin_mm": (7.5, "a margin of 7.5 mm"),
    "patch.window_hu": ([-50.0, 150.0], "HU from −50 to 150 scaled"),
    "radiomics.scale": (3071, "are scaled by 3071 HU"),
    "radiomics.icc_threshold": (0.9, "correlation exceeds 0.9 within reader 1"),
    "radiomics.harmonise": (HARMONISED, "harmonised by ComBat (parametric empirical Bayes"),
    "radiomics.perturbations": (PERTURBED, "under 10 random perturbations of the mask"),
    "radscore.family": ("published", "the coefficients of the study's Table S2 as printed"),
    "radscore.folds": (7, "7-fold cross-validation"),
    "radscore.choose": ("lambda.1se", "penalty lambda.1se"),
    "radscore.bootstraps": (55, "55 bootstrap resamples count"),
    "dlopctr.protocol": ("paper", "stopped when the loss of the validation cohort"),
    "dlopctr.seeds": (3, "3 heads a fit"),
    "dlopctr.slices": (9, "9 axial slices a patient"),
    "dlopctr.views": (4, "4 views of each, all but one augmented"),
    "dlopctr.head": ("proportional_hazards", "one score an image (proportional hazards)"),
    "dlopctr.batch_size": (64, "batch size 64"),
    "dlopctr.epochs": (321, "at most 321 epochs"),
    "dlopctr.learning_rate": (0.002, "learning rate 0.002"),
    "dlopctr.weight_decay": (0.5, "weight decay 0.5"),
    "dlopctr.dropout": (0.25, "dropout 0.25"),
    "dlopctr.stopping_epochs": (13, "had not fallen for 13"),
    "dlopctr.stop_on": ("validation", "but for the epoch at which training stops"),
    "dlopctr.keep_weights": ("training", "weights of the lowest training loss"),
    "dlopctr.weigh": ("images", "every image weighs the same"),
    "dlopctr.standardise": (False, "embeddings are not standardised"),
    "dlopctr.tuning_fraction": (0.35, "a tuning split (35% of the patients to learn from)"),
    "dlopctr.folds": (8, "out of fold (8 folds)"),
    "survival.horizons_months": ([6, 30], "time-dependent AUC at 6, 30 months"),
    "survival.p_enter": (0.2, "a univariate p below 0.2"),
    "survival.select": ("stepwise", "chosen stepwise by AIC, in both directions"),
    "survival.missing": ("impute", "on 20 imputed tables, pooled after Rubin"),
    "survival.cut_off": ("log_rank", "by the maximally selected log-rank statistic"),
    "survival.bootstraps": (333, "integrated Brier score with 333 bootstrap resamples"),
}
"""Keys, another value, and what the text says then."""

OPEN = {
    # how the series is found: cohort/series.tsv says it of each patient
    *("imaging.phase_patterns", "imaging.never", "imaging.study", "imaging.choose_by"),
    *("imaging.timing_s", "imaging.order", "imaging.prefer"),
    # said elsewhere: the panel and the variables in the checklist, the source of the weights by
    # dlopctr/backbone.json, breaks and horizon in the network's table
    *("radiomics.panel", "survival.variables", "dlopctr.backbone", "dlopctr.intervals"),
    "dlopctr.horizon_months",
    # with family: binomial alone, below
    "radscore.horizon_months",
    # what moves numbers within their noise, or not at all; provenance.json has their digest
    *("radscore.seed", "dlopctr.seed", "survival.seed", "dlopctr.embedding_seed"),
    *("dlopctr.patients_per_job", "dlopctr.device", "dlopctr.precision", "imaging.whole_volume"),
    *("dlopctr.backbone_sha256", "dlopctr.plateau_epochs", "dlopctr.pre_experiment"),
}
"""Keys of which the methods section says nothing, with the reason."""

ICC = pd.DataFrame({"n_intra": [12], "n_inter": [11], "kept": [1]})


@pytest.fixture
def config(root):
    return yaml.safe_load((root / "config" / "config.yaml").read_text(encoding="utf-8"))


def text_of(config, icc=ICC, images=True):
    described = {"radscore": {}}
    if images:
        settings = head_settings(config["dlopctr"])
        described["network"] = {"settings": settings, "horizon_months": 31.5}
        described["backbone"] = {"source": "imagenet"}
    return uncited(" ".join(methods(config, described, icc)))


def changed(config, key, value):
    section, name = key.split(".")
    other = copy.deepcopy(config)
    other[section][name] = value
    return other


def test_every_key_is_said_or_left_out_for_a_reason(config):
    keys = {f"{section}.{name}" for section in SECTIONS for name in config[section]}
    assert keys == set(SAID) | OPEN
    assert not set(SAID) & OPEN


@pytest.mark.parametrize("key", SAID)
def test_the_text_follows_the_key(config, key):
    value, words = SAID[key]
    assert words not in text_of(config)
    assert words in text_of(changed(config, key, value))


def test_the_demos_own_words(config):
    text = text_of(config)
    for words in (
        "Of each patient the arterial CT was used; a tilted gantry excludes the patient",
        "masks by nearest neighbour, on a grid centred on the old one",
        "ResNet-101 (imagenet weights), frozen, 6 axial slices a patient, without augmentation",
        "a head with one output a time interval",
        "Cox models with Efron ties on complete cases; variables with a univariate p below 0.05",
        "by the median of the training patients",
        "the score is survival at 31.5 months",
        "within reader 1 (ICC(2,1), 12 training patients) and between two readers (ICC(2,1), 11",
    ):
        assert words in text


def test_two_repeated_readings_check_nothing(config):
    few = text_of(config, ICC.assign(n_intra=2, n_inter=0))
    assert "Readings of 2 training patients alone were repeated: every feature that varies" in few
    assert "intraclass correlation exceeds" not in few


def test_only_what_the_run_fits_is_said_to_come_from_training_patients(config):
    end = "and cut-offs come from training patients only"
    published = changed(config, "radscore.family", "published")
    assert f"Filter, scaling, penalty, time intervals, tuning {end}" in text_of(config)
    assert f"Filter, scaling, time intervals, tuning {end}" in text_of(published)
    assert f"Filter, scaling, penalty {end}" in text_of(config, images=False)
    assert f"Filter {end}" in text_of(published, images=False)


def test_the_outcome_of_a_binomial_radscore(config):
    whenever = changed(config, "radscore.family", "binomial")
    assert "LASSO on death, yes or no, whenever it came (binomial)" in text_of(whenever)
    by_horizon = changed(whenever, "radscore.horizon_months", 24)
    assert "LASSO on death by 24 months (binomial)" in text_of(by_horizon)


def test_without_images_or_repeated_readings_nothing_is_said_of_them(config):
    config["tables"] |= {"patients": "p.tsv", "features": "f.csv"}
    config = changed(config, "dlopctr.stop_on", "validation")
    text = text_of(config, ICC.assign(n_intra=0, n_inter=0), images=False)
    assert "Features come from a ready table" in text
    assert "its reproducibility unchecked" in text
    for word in ("DLOP", "ResNet", "epoch", "resampled to", "intraclass"):
        assert word not in text


def test_the_report_has_them(report_inputs, tmp_path):
    changed_config = changed(report_inputs["config"], "survival.missing", "impute")
    changed_config = changed(changed_config, "survival.select", "stepwise")
    write_report(**report_inputs | {"config": changed_config}, output=str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.search(r"pooled after Rubin \[\d+\]; the multivariable model is chosen", page)
    assert "on complete cases; variables with" not in page
    assert page.count("A feature is a candidate if its intraclass correlation exceeds 0.8") == 2


def test_what_becomes_of_an_unseen_batch_is_said(config):
    refused = text_of(changed(config, "radiomics.harmonise", HARMONISED))
    assert "batches by centre" in refused
    assert "a patient whose batch no training patient has is refused" in refused
    left = text_of(changed(config, "radiomics.harmonise", HARMONISED | {"unseen": "leave"}))
    assert "whose batch no training patient has stay as they are" in left
