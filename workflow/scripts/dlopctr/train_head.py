"""Train the head of DLOP-CTR."""

from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.dlopctr.fits.train import train_head
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        train_head(
            HeadFiles(
                patients=snakemake.input.patients,
                splits=snakemake.input.splits,
                breaks=snakemake.input.breaks,
                pre_experiment=snakemake.input.pre_experiment or None,
                embeddings=snakemake.input.embeddings,
                backbone=snakemake.input.backbone,
                tuned=list(snakemake.input.tuned),
            ),
            Training(
                settings=snakemake.params.settings,
                seed=snakemake.params.seed,
                device=snakemake.params.device,
                threads=snakemake.threads,
                code=snakemake.params.code,
            ),
            **snakemake.output,
        )
