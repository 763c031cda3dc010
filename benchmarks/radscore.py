"""The Radscore from tables to selection frequency: python benchmarks/radscore.py.

Draws correlated features of patients whose survival two of them carry, and runs what the rules
radscore_folds, radscore_fit and selection_frequency run, each in a process of its own. Prints
seconds of the clock and of the processor (children included) and the peak memory of a process.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

FOLDS = """
from taceflow.radscore.folds import write_folds
write_folds(patients="patients.tsv", folds=int(sys.argv[1]), seed=2, horizon_months=None,
            output="folds.tsv")
"""

FIT = """
from taceflow.radscore.model import fit_radscore
fit_radscore(load_training(**TABLES), FAMILY, **CHOICE, cut_off="median", path="path.tsv",
             cv="cv.tsv", model="model.json")
"""

FREQUENCY = """
from taceflow.radscore.resampling import Bootstrap
from taceflow.radscore.stability import write_stability
bootstrap = Bootstrap(resamples=int(sys.argv[2]), seed=2, threads=int(sys.argv[3]))
write_stability(load_training(**TABLES), FAMILY, bootstrap, **CHOICE, frequency="frequency.tsv",
                resamples="resamples.tsv")
"""

JOB = """
import sys
TABLES = dict(patients="patients.tsv", features="features.parquet", icc="icc.tsv",
              folds="folds.tsv")
CHOICE = dict(choose="lambda.min", horizon_months=None)
from taceflow.radscore.lasso_{family} import {FAMILY} as FAMILY
from taceflow.radscore.training_data import load_training
if __name__ == "__main__":
    {body}
"""


def main() -> None:
    """Print a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=300)
    parser.add_argument("--features", type=int, default=713)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--bootstraps", type=int, default=100)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--family", choices=["cox", "binomial"], default="cox")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at start")
    print(
        f"{options.patients} patients, {options.features} features, {options.folds} folds, "
        f"{options.bootstraps} bootstraps, {options.threads} processes, {options.family}"
    )
    with tempfile.TemporaryDirectory() as folder:
        draw_tables(Path(folder), options.patients, options.features)
        arguments = [str(options.folds), str(options.bootstraps)]
        arguments.append(str(options.threads))
        for name, body in (("folds", FOLDS), ("path", FIT), ("frequency", FREQUENCY)):
            job = JOB.replace("{body}", body.strip().replace("\n", "\n    "))
            job = job.replace("{family}", options.family).replace(
                "{FAMILY}", options.family.upper()
            )
            (Path(folder) / f"{name}.py").write_text(job)
            wall, cpu, peak = timed([sys.executable, f"{name}.py", *arguments], folder)
            print(f"{name:10} {wall:7.1f} s {cpu:7.1f} CPU s {peak:6.0f} MiB")


def draw_tables(folder: Path, patients: int, features: int) -> None:
    """Write the tables that the rules read."""
    draw = np.random.default_rng(1)
    shared = draw.normal(size=(patients, 12))
    values = shared @ draw.normal(size=(12, features)) + draw.normal(size=(patients, features))
    values /= values.std(axis=0)
    death = draw.exponential(20, patients) * np.exp(-0.5 * (values[:, 0] + values[:, 5]))
    censoring = draw.exponential(60, patients)
    ids = [f"P{number:04d}" for number in range(patients)]
    names = [f"original_glcm_F{number}" for number in range(features)]
    table = pd.DataFrame(values, columns=names)
    table.insert(0, "patient_id", ids)
    table.to_parquet(folder / "features.parquet")
    cohort = {"patient_id": ids, "cohort": "training"}
    cohort["time_months"] = np.minimum(death, censoring)
    cohort["event"] = (death <= censoring).astype(int)
    pd.DataFrame(cohort).to_csv(folder / "patients.tsv", sep="\t", index=False)
    empty = [f"icc_{kind}{end}" for kind in ("intra", "inter") for end in ("", "_lower", "_upper")]
    icc = pd.DataFrame({"feature": names, "n_intra": 0, "n_inter": 0, "kept": 1, "reason": "made"})
    icc = icc.assign(**dict.fromkeys(empty, np.nan))
    icc.to_csv(folder / "icc.tsv", sep="\t", index=False)


def timed(command: list[str], folder: str) -> tuple[float, float, float]:
    """Return seconds of the clock, of the processor, and the peak MiB of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(command, cwd=folder, check=True)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1024


if __name__ == "__main__":
    main()
