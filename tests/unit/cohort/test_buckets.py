import subprocess
import sys

import pytest

from taceflow.cohort.buckets import bucket_of


def test_a_bucket_follows_from_the_id_alone():
    # SHA-256 of "HCC-001" begins with these eight bytes
    assert bucket_of("HCC-001", 2**64) == int("4cb0fa83b90eb36a", 16)


def test_buckets_fill_evenly():
    counts = [0] * 8
    for number in range(4000):
        counts[bucket_of(f"HCC-{number:04d}", 8)] += 1
    assert min(counts) > 420
    assert max(counts) < 580


def test_no_bucket_is_an_error():
    with pytest.raises(ValueError, match="0 buckets"):
        bucket_of("HCC-001", 0)


def test_snakemake_imports_no_torch_with_it(root):
    code = "import sys; import taceflow.cohort.buckets, taceflow.dlopctr.head.settings"
    code += ", taceflow.dlopctr.fits.predict"
    code += "; sys.exit('torch' in sys.modules)"
    scripts = str(root / "src")
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": scripts}).returncode == 0
