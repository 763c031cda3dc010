"""Compare hyper-parameters on a sample of training slices."""

from taceflow.dlopctr.fits.files import FitFiles, Training
from taceflow.dlopctr.fits.pre_experiment import run_pre_experiment
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        run_pre_experiment(
            FitFiles(
                patients=snakemake.input.patients,
                splits=snakemake.input.splits,
                breaks=snakemake.input.breaks,
            ),
            Training(
                settings=snakemake.params.settings,
                seed=snakemake.params.seed,
                device=snakemake.params.device,
                threads=snakemake.threads,
                code=snakemake.params.code,
            ),
            embeddings=snakemake.input.embeddings,
            grid=snakemake.params.grid,
            table=snakemake.output.table,
        )
