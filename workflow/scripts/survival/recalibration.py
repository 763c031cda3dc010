"""Recalibrate the stored models on the external patients, beside the originals."""

from taceflow.log import logging_to
from taceflow.survival.evaluation.recalibrated_models import write_recalibration

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_recalibration(
            patients=snakemake.input.patients,
            predictions=snakemake.input.predictions,
            models=snakemake.input.models,
            horizons_months=snakemake.params.horizons_months,
            bootstraps=snakemake.params.bootstraps,
            seed=snakemake.params.seed,
            recalibration=snakemake.output.recalibration,
            groups=snakemake.output.groups,
            recalibrated=snakemake.output.recalibrated,
        )
