"""Measure and compare the models in each cohort."""

from taceflow.log import logging_to
from taceflow.survival.evaluation.performance import write_performance

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        given = snakemake.input
        networks = {
            "dlopctr": {"predictions": given.dlopctr, "by_seed": given.dlopctr_by_seed},
            "dlop_combin": {"predictions": given.combin, "by_seed": given.combin_by_seed},
        }
        write_performance(
            patients=given.patients,
            predictions=given.predictions,
            models=given.models,
            networks={name: files for name, files in networks.items() if files["predictions"]},
            horizons_months=snakemake.params.horizons_months,
            bootstraps=snakemake.params.bootstraps,
            seed=snakemake.params.seed,
            performance=snakemake.output.performance,
            comparisons=snakemake.output.comparisons,
        )
