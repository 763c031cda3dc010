"""Compare hyper-parameters on a sample of training slices."""

from taceflow.dlopctr.fits.pre_experiment import run_pre_experiment
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        run_pre_experiment(
            patients=snakemake.input.patients,
            embeddings=snakemake.input.embeddings,
            breaks=snakemake.input.breaks,
            splits=snakemake.input.splits,
            table=snakemake.output.table,
            settings=snakemake.params.settings,
            grid=snakemake.params.grid,
            seed=snakemake.params.seed,
            device=snakemake.params.device,
            threads=snakemake.threads,
        )
