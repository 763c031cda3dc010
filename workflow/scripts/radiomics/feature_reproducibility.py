"""Measure the agreement of readings, and keep the reproducible features."""

from taceflow.log import logging_to
from taceflow.radiomics.reproducibility import write_reproducibility

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_reproducibility(
            patients=snakemake.input.patients,
            tables=snakemake.input.tables,
            perturbed=snakemake.params.perturbed,
            threshold=snakemake.params.threshold,
            icc=snakemake.output.icc,
        )
