"""The importable part of the taceflow workflow: everything worth a test."""

import os

# How a sum is split over threads changes its last digits, and the number of cores may change no
# table: libraries of linear algebra, which read this when they are loaded, compute with one.
# Snakemake writes a job's cores here. Whoever gains by more says so (`dlopctr.device`).
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"
