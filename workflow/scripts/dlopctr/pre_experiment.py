"""Compare hyper-parameters on a sample of training slices."""

from taceflow.dlopctr.fits.files import Training
from taceflow.dlopctr.fits.pre_experiment import run_pre_experiment
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        run_pre_experiment(
            Training(
                **snakemake.params.training, threads=snakemake.threads, code=snakemake.params.code
            ),
            **snakemake.input,
            grid=snakemake.params.grid,
            table=snakemake.output.table,
        )
