"""Predict new patients' survival with a fitted network."""

from taceflow.dlopctr.fits.apply import apply_heads
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        apply_heads(snakemake.params.network, **snakemake.input, **snakemake.output)
