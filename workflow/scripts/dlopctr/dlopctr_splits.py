"""Draw folds and tuning patients among the training patients."""

from taceflow.dlopctr.protocol.splits import write_splits
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_splits(
            patients=snakemake.input.patients,
            splits=snakemake.output.splits,
            folds=snakemake.params.folds,
            tuning_fraction=snakemake.params.tuning_fraction,
            seed=snakemake.params.seed,
        )
