"""Linear algebra computes with one thread in every job: the number of cores changes no table."""

import json
import os
import subprocess
import sys


def test_a_job_with_many_cores_computes_with_one_thread(root):
    program = (
        "import json, taceflow.survival.regression.cox, scipy.linalg, threadpoolctl\n"
        "print(json.dumps([pool['num_threads'] for pool in threadpoolctl.threadpool_info()]))"
    )
    # as Snakemake says it to the job of a rule with four threads
    cores = {f"{name}_NUM_THREADS": "4" for name in ("OMP", "OPENBLAS", "MKL")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | cores | {"PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    threads = json.loads(done.stdout)
    assert threads
    assert set(threads) == {1}
