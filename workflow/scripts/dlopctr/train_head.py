"""Train the head of DLOP-CTR."""

from taceflow.dlopctr.fits.train import train_head
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        train_head(
            patients=snakemake.input.patients,
            embeddings=snakemake.input.embeddings,
            tuned=list(snakemake.input.tuned),
            backbone=snakemake.input.backbone,
            breaks=snakemake.input.breaks,
            splits=snakemake.input.splits,
            model=snakemake.output.model,
            description=snakemake.output.description,
            history=snakemake.output.history,
            pre_experiment=snakemake.input.pre_experiment or None,
            settings=snakemake.params.settings,
            seed=snakemake.params.seed,
            device=snakemake.params.device,
            threads=snakemake.threads,
            code=snakemake.params.code,
        )
