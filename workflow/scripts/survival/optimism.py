"""Correct the training figures of the Cox models for optimism."""

from taceflow.log import logging_to
from taceflow.survival.evaluation.optimism import write_optimism
from taceflow.survival.regression.variable_selection import Selection

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_optimism(
            patients=snakemake.input.patients,
            radscore_scores=snakemake.input.radscore_scores,
            radscore_resamples=snakemake.input.radscore_resamples or None,
            dlopctr_predictions=snakemake.input.dlopctr_predictions or None,
            models=snakemake.input.models,
            selection=Selection(**snakemake.params.selection),
            horizons_months=snakemake.params.horizons_months,
            bootstraps=snakemake.params.bootstraps,
            seed=snakemake.params.seed,
            optimism=snakemake.output.optimism,
        )
