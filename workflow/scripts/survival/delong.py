"""Areas under ROC curves with DeLong's intervals and paired tests."""

from taceflow.log import logging_to
from taceflow.survival.evaluation.delong import write_delong

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_delong(
            patients=snakemake.input.patients,
            predictions=snakemake.input.predictions,
            horizons_months=snakemake.params.horizons_months,
            delong=snakemake.output.delong,
        )
