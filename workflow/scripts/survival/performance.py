"""Measure and compare the models in each cohort."""

from taceflow.log import logging_to
from taceflow.survival.evaluation.performance import write_performance

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        by_seed = {"dlopctr": snakemake.input.dlopctr, "dlop_combin": snakemake.input.combin}
        write_performance(
            patients=snakemake.input.patients,
            predictions=snakemake.input.predictions,
            models=snakemake.input.models,
            by_seed=by_seed if snakemake.input.dlopctr else {},
            horizons_months=snakemake.params.horizons_months,
            bootstraps=snakemake.params.bootstraps,
            seed=snakemake.params.seed,
            performance=snakemake.output.performance,
            comparisons=snakemake.output.comparisons,
        )
