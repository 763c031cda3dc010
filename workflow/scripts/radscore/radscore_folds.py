"""Draw the folds of the Radscore's cross-validation."""

from taceflow.log import logging_to
from taceflow.radscore.folds import write_folds

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_folds(
            patients=snakemake.input.patients,
            folds=snakemake.params.folds,
            seed=snakemake.params.seed,
            horizon_months=snakemake.params.horizon_months,
            output=snakemake.output.folds,
        )
