"""Small made-up tables of a finished run and of a user's own study; volumes, and their import."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import yaml

from taceflow.files.tables import read_table, write_json
from taceflow.files.yaml_files import load_yaml
from taceflow.imaging.dicom.phase import PhaseRules
from taceflow.imaging.scan import load_scan
from taceflow.models import MODELS

LONGEST = "wavelet-HLL_glszm_SmallAreaLowGrayLevelEmphasis"


@dataclass
class FinishedRun:
    """The tables and descriptions that a run leaves."""

    patients: pd.DataFrame
    exclusions: pd.DataFrame
    features: pd.DataFrame
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        for store in (self.__dict__.get("tables", {}), self.__dict__.get("described", {})):
            if name in store:
                return store[name]
        raise AttributeError(name)


@pytest.fixture(scope="session")
def browser():
    """Chromium, as the documentation's pictures are taken by it."""
    from renew import chromium

    with ExitStack() as stack:
        try:
            opened = stack.enter_context(chromium())
        except FileNotFoundError as error:
            pytest.skip(str(error))
        yield opened


@pytest.fixture
def accessibility():
    """Return a function of a page: what axe-core finds."""
    from axe_playwright_python.sync_playwright import Axe

    def found(page):
        violations = Axe().run(page).response["violations"]
        return [(one["id"], node["html"]) for one in violations for node in one["nodes"]]

    return found


@pytest.fixture
def finished() -> FinishedRun:
    """60 patients, 40 features, two cohorts, two models' worth of curves."""
    rng = np.random.default_rng(7)
    n = 60
    latent = rng.normal(size=n)
    ids = [f"P{number:03d}" for number in range(n)]
    patients = pd.DataFrame(
        {
            "patient_id": ids,
            "cohort": ["training"] * 40 + ["validation"] * 20,
            "time_months": rng.exponential(30 * np.exp(-0.8 * latent)).clip(1, 80).round(1),
            "event": (rng.random(n) < 0.7).astype(int),
            "bclc_b_substage": np.clip(np.round(2.4 + latent), 1, 4),
        }
    )
    patients.loc[[3, 44], "bclc_b_substage"] = np.nan
    exclusions = pd.DataFrame(
        {
            "patient_id": ["X1", "X2", "X3"],
            "stage": ["follow-up", "imaging", "imaging"],
            "reason": [
                "no follow-up time",
                "no arterial phase in /home/somebody/scans/X2",
                "no arterial phase in /home/somebody/scans/X3",
            ],
        }
    )
    images = ("original", "log-sigma-2-0-mm-3D", "gradient", "square")
    families = ("shape", "firstorder", "glcm", "ngtdm")
    features = {
        f"{images[i % 4]}_{families[i // 4 % 4]}_Feature{i}": latent * (i % 3) + rng.normal(size=n)
        for i in range(39)
    }
    features[LONGEST] = 1e5 * (latent + rng.normal(size=n))
    run = FinishedRun(patients, exclusions, pd.DataFrame({"patient_id": ids, **features}))
    _add_radscore(run, latent)
    _add_curves(run, rng, latent)
    _add_tables(run)
    return run


def _add_radscore(run: FinishedRun, latent: np.ndarray) -> None:
    names = [*run.features.columns[[5, 2, 8]], LONGEST]
    lambdas = np.exp(np.linspace(0, -3, 30)) * 0.2
    rows = [
        (penalty, name, (step - 4 * start) * 0.01 * (-1) ** start / (1e5 if name == LONGEST else 1))
        for start, name in enumerate(names)
        for step, penalty in enumerate(lambdas)
        if step > 4 * start
    ]
    path = pd.DataFrame(rows, columns=["lambda", "feature", "coefficient"])
    chosen = path[path["lambda"] == lambdas[10]]
    run.tables["path"] = path
    run.tables["cv"] = pd.DataFrame(
        {
            "lambda": lambdas,
            "cvm": 7 + (np.linspace(-1, 1, 30) + 0.3) ** 2,
            "cvsd": 0.2,
            "nonzero": [int((path["lambda"] == penalty).sum()) for penalty in lambdas],
        }
    )
    run.described["radscore"] = {
        "family": "cox",
        "lambda": lambdas[10],
        "lambda_min": lambdas[10],
        "lambda_1se": lambdas[5],
        "choose": "lambda.min",
        "intercept": None,
        "coefficients": dict(zip(chosen["feature"], chosen["coefficient"], strict=True)),
        "n": 40,
        "events": 28,
        "candidates": 36,
        "note": "",
        "cut_off": 0.1,
        "high_risk": "above",
        "cut_off_method": "log_rank",
        "cut_off_p": 0.012,
    }
    run.tables["scores"] = run.patients[["patient_id", "cohort"]].assign(radscore=latent)


def _add_curves(run: FinishedRun, rng: np.random.Generator, latent: np.ndarray) -> None:
    predictions = [
        run.patients[["patient_id", "cohort"]].assign(
            model=model, risk=latent, risk_group=np.where(latent > 0, "high", "low")
        )
        for model in MODELS
    ]
    run.tables["predictions"] = pd.concat(predictions, ignore_index=True)
    roc, performance, calibration, decision = [], [], [], []
    for cohort, n, events in (("training", 40, 28), ("validation", 20, 13)):
        for model in MODELS:
            performance.append((model, cohort, "c_index", None, 0.71, 0.62, 0.8, n, events))
            for horizon in (12.0, 36.0):
                performance.append((model, cohort, "auc", horizon, 0.74, 0.61, 0.88, n, events))
                points = np.sort(rng.random((2, 8)), axis=1)
                roc += [(model, cohort, horizon, *point) for point in ([0, 0], *points.T, [1, 1])]
                calibration += [
                    (model, cohort, horizon, 1, n // 2, 0.3, 0.25, 0.1, 0.4),
                    (model, cohort, horizon, 2, n // 2, 0.7, 0.75, 0.6, 0.9),
                ]
                decision += [(model, cohort, horizon, at, 0.4 - 0.5 * at) for at in (0.1, 0.3, 0.6)]
        decision += [("treat_all", cohort, 12.0, at, 0.4 - at) for at in (0.1, 0.3, 0.6)]
        decision += [("treat_none", cohort, 12.0, at, 0.0) for at in (0.1, 0.3, 0.6)]
    keys = ["model", "cohort", "horizon_months"]
    run.tables["roc"] = pd.DataFrame(
        roc, columns=[*keys, "false_positive_rate", "true_positive_rate"]
    )
    run.tables["performance"] = pd.DataFrame(
        performance,
        columns=[
            *("model", "cohort", "metric", "horizon_months"),
            *("estimate", "lower", "upper", "n", "events"),
        ],
    ).assign(note=None)
    by_seeds = run.tables["performance"]["model"] == "dlop_combin"
    run.tables["performance"]["seed_sd"] = np.where(by_seeds, 0.034, np.nan)
    run.tables["calibration"] = pd.DataFrame(
        calibration, columns=[*keys, "group", "n", "predicted", "observed", "lower", "upper"]
    )
    run.tables["decision"] = pd.DataFrame(decision, columns=[*keys, "threshold", "net_benefit"])
    run.tables["comparisons"] = pd.DataFrame(
        [("dlop_cox", "clinical", "validation", "c_index", -0.01, -0.09, 0.07, 0.8, 1.0, 20, 13)],
        columns=[
            *("model_a", "model_b", "cohort", "metric", "difference", "lower", "upper"),
            *("p", "p_adjusted", "n", "events"),
        ],
    ).assign(note=None)


def _add_tables(run: FinishedRun) -> None:
    one = {"n_training": 40, "n_validation": 19, "missing_training": 0, "missing_validation": 1}
    one |= {"n_external": 0, "missing_external": 0, "test_external": None, "p_external": np.nan}
    run.tables["table_1"] = pd.DataFrame(
        [
            ("age_years", "Age (years)", None, "58.1 ± 9.3", "57.0 ± 8.8", "t", 0.6543),
            ("mvi", "Microvascular invasion", "0", "30 (75.0%)", "12 (63.2%)", "Fisher", 0.00004),
            ("mvi", "Microvascular invasion", "1", "10 (25.0%)", "7 (36.8%)", None, np.nan),
        ],
        columns=["variable", "label", "level", "training", "validation", "test", "p"],
    ).assign(external=None, **one, note=None)
    run.tables["table_s1"] = _table_s1()
    run.tables["logistic"] = _logistic(run.tables["table_s1"])
    run.tables["delong"] = pd.DataFrame(
        [
            ("clinical", None, 0.71, 0.5, 0.92, None, None, 18, 7, 2, None),
            (
                "dlop_cox",
                None,
                None,
                None,
                None,
                None,
                None,
                1,
                0,
                2,
                "0 deaths and 1 survivor at 12 months",
            ),
            ("dlop_cox", "clinical", 0.05, -0.02, 0.12, 0.16, 0.32, 18, 7, 2, None),
        ],
        columns=[
            *("model", "versus", "estimate", "lower", "upper", "p", "p_adjusted"),
            *("n", "deaths", "censored", "note"),
        ],
    ).assign(cohort="validation", horizon_months=36.0)
    run.tables["table_s2"] = pd.DataFrame(
        {
            "feature": ["(Intercept)", LONGEST],
            "feature_r": ["(Intercept)", LONGEST.replace("-", ".")],
            "coefficient": [0.1628708, -6.2126883e-5],
            "frequency": [np.nan, 0.87],
            "resamples": [np.nan, 100],
            "sign_flips": [np.nan, 3],
        }
    )
    run.tables["icc"] = pd.DataFrame(
        {
            "feature": run.features.columns[1:],
            "icc_intra": 0.95,
            "icc_inter": [0.9] * 36 + [0.5] * 4,
            "n_intra": 12,
            "n_inter": 12,
            "kept": [1] * 36 + [0] * 4,
            "reason": ["reproducible"] * 36 + ["inter-observer ICC not above 0.8"] * 4,
        }
    )
    run.tables["history"] = pd.DataFrame(
        [
            (1, fit, epoch, 1 / epoch + 0.5, 1 / epoch + 0.6, np.nan, 1e-3 if epoch < 9 else 1e-4)
            for fit in ("final", "fold1", "fold2")
            for epoch in range(1, 15)
        ],
        columns=[
            *("seed", "fit", "epoch", "training_loss", "tuning_loss", "validation_loss"),
            "learning_rate",
        ],
    )
    run.tables["pre_experiment"] = pd.DataFrame(
        {
            "learning_rate": [0.001, 0.0001],
            "batch_size": 32,
            "dropout": 0.5,
            "epochs": [12, 40],
            "loss": [0.61234567, 0.7],
            "standard_error": 0.02,
        }
    )
    run.described["network"] = {
        "n": 40,
        "events": 28,
        "images": 240,
        "breaks_months": [0.0, 10.0, 25.0],
        "horizon_months": 20.0,
        "kept_epochs": {"seed1.final": 11, "seed1.fold1": 9, "seed1.fold2": 13},
        "settings": {
            "batch_size": 32,
            "dropout": 0.5,
            "learning_rate": 0.0001,
            "weight_decay": 0.0001,
            "protocol": "own",
            "head": "flexible",
            "seeds": 1,
            "stop_on": "tuning",
            "keep_weights": "tuning",
        },
        "torch": "2.15.0",
    }


def _logistic(table_s1: pd.DataFrame) -> pd.DataFrame:
    """The same rows as odds ratios."""
    renamed = {f"hr_{model}": f"or_{model}" for model in ("uni", "multi")}
    renamed |= {"events": "deaths", "events_multi": "deaths_multi"}
    unknown = ["p_ph_uni", "p_ph_multi", "p_ph_global", "selection", "imputations"]
    table = table_s1.drop(columns=unknown).rename(columns=renamed)
    return table.assign(horizon_months=36.0, censored=3)


def _table_s1() -> pd.DataFrame:
    ratios = ["hr", "lower", "upper", "p", "p_variable"]
    columns = ["variable", "label", "level"]
    columns += [f"{key}_{model}" for model in ("uni", "multi") for key in ratios]
    columns += ["n", "events", "n_multi", "events_multi", "note"]
    none = (np.nan,) * 5
    separated = "mvi: all deaths have mvi 1, no finite estimate"
    names = {
        "albi_score": ("albi_score", "ALBI score", None),
        "B1": ("bclc_b_substage", "BCLC-B substage", "1"),
        "B2": ("bclc_b_substage", "BCLC-B substage", "2"),
        "mvi": ("mvi", "Microvascular invasion", None),
        "dlopctr": ("dlopctr", "DLOP-CTR", None),
    }
    univariate = {
        "albi_score": (1.43, 1.08, 1.9, 0.0123, 0.0123),
        "B1": (*none[:4], 0.0004),
        "B2": (2.5, 1.1, 5.7, 0.02, 0.0004),
        "mvi": none,
        "dlopctr": (0.03, 0.0001, 0.24, 0.0008, 0.0008),
    }
    multivariable = {
        "albi_score": (1.21, 0.9, 1.63, 0.2, 0.2),
        "B1": (*none[:4], 0.03),
        "B2": (2.2, 1.01, 4.8, 0.047, 0.03),
        "mvi": none,
        "dlopctr": (0.12, 0.02, 0.7, 0.018, 0.018),
    }
    ends = {
        "albi_score": (40, 28, 38, 27, None),
        "B1": (39, 27, 38, 27, "reference"),
        "B2": (39, 27, 38, 27, None),
        "mvi": (40, 28, np.nan, np.nan, separated),
        "dlopctr": (40, 28, 38, 27, None),
    }
    rows = [(*names[key], *univariate[key], *multivariable[key], *ends[key]) for key in names]
    checked = {"p_ph_uni": 0.3, "p_ph_multi": 0.4, "p_ph_global": 0.25}
    frame = pd.DataFrame(rows, columns=columns).assign(**checked)
    return frame.assign(selection="univariate p < 0.05", imputations=0)


@pytest.fixture
def own_tables(tmp_path):
    """Five patients: one each without follow-up, without scan, and excluded by the import."""
    sheet = pd.DataFrame(
        {
            "patient_id": ["A", "B", "C", "D", "E"],
            "time_months": [1.0, None, 3.0, 4.0, 5.0],
            "event": [1, None, 0, 1, 0],
        }
    )
    for patient in "ABCDE":
        (tmp_path / f"{patient}.nii").write_text("")
    scans = pd.DataFrame({"patient_id": ["A", "B", "D", "E"], "phase": "arterial"})
    scans["image"] = [str(tmp_path / f"{patient}.nii") for patient in "ABDE"]
    masks = pd.DataFrame(
        {"patient_id": list("ABCDE"), "phase": "arterial", "reader": 1, "reading": 1}
    ).assign(mask=[str(tmp_path / f"{patient}.nii") for patient in "ABCDE"])
    names = ("patients", "scans", "segmentations")
    for name, table in zip(names, (sheet, scans, masks), strict=True):
        table.to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False)
    volumes = []
    for patient, exclusion in {
        "A": None,
        "D": {"stage": "segmentation", "reason": "the mask is empty", "remedy": "Draw it"},
        "E": None,
    }.items():
        folder = tmp_path / "volumes" / patient
        record = {
            "patient_id": patient,
            "exclusion": exclusion,
            "acquisition": {
                "slice_spacing_mm": 5.0,
                "pixel_spacing_mm": 0.8,
                "rows": 512,
                "columns": 512,
            },
            "choice": {"candidates": 1, "reason": "the file of the table of scans"},
            "readings": [
                {"reader": 1, "reading": 1, "phase": "portal", "voxels": 900, "volume_ml": 0.9}
            ],
            "images": {"ct": "00000c7a", "reader1-1": f"{ord(patient):08x}"},
        }
        write_json(record, folder / "import.json")
        volumes.append(str(folder))
    return {name: str(tmp_path / f"{name}.tsv") for name in names} | {"volumes": volumes}


@pytest.fixture
def own_config(root, own_tables):
    """The default configuration with these tables, for a run that nobody has made here."""
    content = load_yaml(root / "config" / "config.yaml")
    content["run"] = "never_made"
    content["radiomics"]["panel"] = str(root / "config" / "radiomics.yaml")
    return content | {
        "tables": {name: own_tables[name] for name in own_tables if name != "volumes"}
    }


@pytest.fixture
def rewrite():
    """Change a table where it lies."""

    def write(path, change):
        change(read_table(path)).to_csv(path, sep="\t", index=False)

    return write


@pytest.fixture
def rules(root):
    imaging = yaml.safe_load((root / "config" / "config.yaml").read_text())["imaging"]
    return PhaseRules(**{name: imaging[name] for name in PhaseRules.__dataclass_fields__})


@pytest.fixture
def load(rules):
    def call(path):
        return load_whole(path).image

    def load_whole(path):
        return load_scan(str(path), None, rules, series_uid="", gantry_tilt="refuse", patient="P")

    call.whole = load_whole
    return call


@pytest.fixture
def volume():
    random = np.random.default_rng(3)
    image = sitk.GetImageFromArray(random.integers(-1000, 1500, (9, 12, 15)).astype(np.int16))
    image.SetSpacing((0.7, 0.8, 5.0))
    image.SetOrigin((-120.5, 30.25, 611.0))
    return image


@pytest.fixture
def written():
    def written(image, path):
        sitk.WriteImage(image, str(path), useCompression=str(path).endswith(".gz"))
        return path

    return written
