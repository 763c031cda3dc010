"""Take the Radscore's printed coefficients, and this cohort's cut-off."""

from taceflow.log import logging_to
from taceflow.radscore.model import store_published

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        store_published(
            patients=snakemake.input.patients,
            features=snakemake.input.features,
            cut_off=snakemake.params.cut_off,
            model=snakemake.output.model,
        )
