"""Train DLOP-Combin and predict with it."""

from taceflow.dlopctr.fits.combin import train_combin
from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.log import logging_to
from taceflow.survival.regression.variable_selection import Selection

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        train_combin(
            HeadFiles(**snakemake.input),
            Training(
                **snakemake.params.training, threads=snakemake.threads, code=snakemake.params.code
            ),
            Selection(**snakemake.params.selection),
            **snakemake.output,
        )
