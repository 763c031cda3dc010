"""Train DLOP-Combin and predict with it."""

from taceflow.dlopctr.fits.combin import train_combin
from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.log import logging_to
from taceflow.survival.regression.variable_selection import Selection

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        train_combin(
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
            Selection(**snakemake.params.selection),
            **snakemake.output,
        )
