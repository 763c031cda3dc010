"""What the stored predictions are worth in each cohort: figures of merit, with their spread."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from taceflow.cohort.join import join_by_patient
from taceflow.files.tables import read_json, read_table, write_table
from taceflow.survival.evaluation.comparisons import compare_models
from taceflow.survival.evaluation.merits import merits
from taceflow.survival.evaluation.outcomes import by_model_and_cohort, load_outcomes
from taceflow.survival.models.cox_by_seed import predicted_by_seed
from taceflow.survival.models.predictions import predicted_by_cox
from taceflow.survival.models.predictions_by_seed import predicted_with_seeds


def write_performance(
    *,
    patients: str,
    predictions: str,
    models: str,
    networks: Mapping[str, Mapping[str, str]],
    horizons_months: Sequence[float],
    bootstraps: int,
    seed: int,
    performance: str,
    comparisons: str,
) -> None:
    """Write ``survival/performance.tsv`` and ``survival/comparisons.tsv``.

    Parameters
    ----------
    patients, predictions, models : str
        Cohort table, ``survival/predictions.tsv``, ``survival/models.json``.
    networks : mapping of str to mapping
        Of each network, its tables as ``predictions`` and ``by_seed``; DLOP-Cox has DLOP-CTR's.
    horizons_months : sequence of float
        Horizons of the AUC.
    bootstraps, seed : int
        Resamples for the intervals of AUC and Brier score.
    performance, comparisons : str
        Tables to write.
    """
    outcome = load_outcomes(patients, predictions)
    stored = read_json(models)
    sheet = read_table(patients)
    rows = []
    for model, cohort, group in by_model_and_cohort(outcome):
        if model in networks:
            ids = group["patient_id"]
            predicted, apart = predicted_with_seeds(model, stored[model], ids, **networks[model])
        else:
            predicted, apart = predicted_by_cox(group["risk"].to_numpy(float), stored[model]), []
            if "by_seed" in stored[model]:
                members = join_by_patient(group[["patient_id"]], sheet, file=patients)
                apart = predicted_by_seed(stored[model], members, networks["dlopctr"]["by_seed"])
        time, event = group["time_months"].to_numpy(float), group["event"].to_numpy(int)
        draws = {"bootstraps": bootstraps, "seed": seed, "names": (model, cohort)}
        found = merits(time, event, predicted, horizons_months, **draws)
        alone = [merits(time, event, each, horizons_months) for each in apart]
        for place, (metric, horizon, value) in enumerate(found):
            rows.append(
                {
                    "model": model,
                    "cohort": cohort,
                    "metric": metric,
                    "horizon_months": np.nan if horizon is None else float(horizon),
                    **asdict(value),
                    **_spread([each[place][2].estimate for each in alone]),
                    "n": len(group),
                    "events": int(event.sum()),
                }
            )
    columns = ["model", "cohort", "metric", "horizon_months", "estimate", "lower", "upper"]
    columns += ["seed_sd", "seed_min", "seed_max", "n", "events", "note"]
    write_table(pd.DataFrame(rows, columns=columns), performance, "performance")
    write_table(compare_models(outcome), comparisons, "comparisons")


def _spread(estimates: Sequence[float]) -> dict[str, float]:
    """Return standard deviation, lowest and highest over the seeds; empty without several."""
    known = np.isfinite(estimates).all() and len(estimates) > 1
    return {
        "seed_sd": float(np.std(estimates, ddof=1)) if known else np.nan,
        "seed_min": min(estimates) if known else np.nan,
        "seed_max": max(estimates) if known else np.nan,
    }
