"""Train the head of DLOP-CTR."""

from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.dlopctr.fits.train import train_head
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        train_head(
            HeadFiles(**snakemake.input),
            Training(
                **snakemake.params.training, threads=snakemake.threads, code=snakemake.params.code
            ),
            **snakemake.output,
        )
