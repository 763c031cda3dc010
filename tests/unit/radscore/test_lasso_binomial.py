"""The binomial LASSO: optimality of its path, and cross-validation against glmstar's own.

R's numbers for this family are not among the reference data; the path is checked against the
conditions that define it. It runs in a process of its own: glmstar never meets scikit-survival.
"""

import json
import subprocess
import sys

import pytest

CODE = """
import json, sys
import numpy as np
from glmnet import LogNet
from sklearn.model_selection import PredefinedSplit
from taceflow.radiomics.combat import Unharmonised
from taceflow.radscore.lasso_binomial import (
    binomial_deviance, binomial_path, cross_validate, fit_lasso, fit_resample
)

draw = np.random.default_rng(6)
values = draw.normal(size=(120, 30)) * 10 ** draw.uniform(-3, 3, 30)
scaled = (values - values.mean(axis=0)) / values.std(axis=0)
event = (draw.random(120) < 1 / (1 + np.exp(-scaled[:, 0] + scaled[:, 1]))).astype(int)
fold = np.arange(120) % 5 + 1
path = binomial_path(values, event)
found = cross_validate(path, values, event, fold)

# Karush-Kuhn-Tucker: |gradient| = lambda where a coefficient is, at most lambda elsewhere.
odds = values @ path.coefficients + path.intercepts
gradient = scaled.T @ (event[:, None] - 1 / (1 + np.exp(-odds))) / len(event)
excess = (np.abs(gradient) - path.lambdas).max()
active = path.coefficients != 0
gap = np.abs(np.abs(gradient) - path.lambdas)[active].max()

model = LogNet().fit(values, event)
_, theirs = model.cross_validation_path(values, event, cv=PredefinedSplit(fold - 1))
scores = theirs.scores
# Harmonised features: each fold as if it were alone, on what it harmonises itself.
batch = np.array(["a", "b", "b"], dtype=object)[np.arange(120) % 3]
raw = Unharmonised(values * np.where(batch == "a", 2.0, 1.0)[:, None], batch)
path, honest = fit_lasso(raw.seen_by(np.arange(120)), event, fold, raw)
again, resampled = fit_resample(raw.seen_by(np.arange(120)), event, fold, raw)
alone = []
for number in range(1, 6):
    kept = fold != number
    seen = raw.seen_by(kept)
    model = LogNet().fit(seen[kept], event[kept])
    coefficients, intercepts = model.interpolate_coefs(path.lambdas)
    odds = seen[~kept] @ coefficients.T + intercepts
    alone.append(binomial_deviance(event[~kept], odds))
leaking = fit_lasso(raw.seen_by(np.arange(120)), event, fold)[1]

json.dump({
    "honest": float(np.abs(np.mean(alone, axis=0) - honest.mean).max()),
    "resampled": float(np.abs(resampled.mean - honest.mean).max()),
    "leaking": float(np.abs(leaking.mean - honest.mean).max()),
    "excess": float(excess), "gap": float(gap),
    "mean": float(np.abs(scores["Binomial Deviance"].to_numpy() - found.mean).max()),
    "error": float(np.abs(scores["SD(Binomial Deviance)"] - found.standard_error).max()),
    "minimum": [found.lambda_min, float(theirs.index_best["Binomial Deviance"])],
    "one_error": [found.lambda_1se, float(theirs.index_1se["Binomial Deviance"])],
    "sksurv": "sksurv" in sys.modules,
}, sys.stdout)
"""


@pytest.fixture(scope="module")
def found(root):
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(root / "src"), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_path_is_optimal(found):
    assert found["excess"] < 5e-4  # thresh 1e-7 of the null deviance, as in R
    assert found["gap"] < 5e-4


def test_cross_validation_equals_glmstars_which_equals_r(found):
    assert found["mean"] < 1e-12
    assert found["error"] < 1e-12
    assert found["minimum"][0] == found["minimum"][1]
    assert found["one_error"][0] == found["one_error"][1]


def test_each_fold_harmonises_by_those_whom_it_is_fitted_on(found):
    assert found["honest"] < 1e-12
    assert found["resampled"] == 0
    assert found["leaking"] > 1e-6


def test_scikit_survival_stays_out(found):
    assert not found["sksurv"]
