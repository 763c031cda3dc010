"""Train DLOP-Combin and predict with it."""

from taceflow.dlopctr.fits.combin import train_combin
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        train_combin(
            patients=snakemake.input.patients,
            embeddings=snakemake.input.embeddings,
            tuned=list(snakemake.input.tuned),
            backbone=snakemake.input.backbone,
            breaks=snakemake.input.breaks,
            splits=snakemake.input.splits,
            model=snakemake.output.model,
            description=snakemake.output.description,
            history=snakemake.output.history,
            predictions=snakemake.output.predictions,
            by_seed=snakemake.output.by_seed,
            variables=snakemake.params.variables,
            p_enter=snakemake.params.p_enter,
            select=snakemake.params.select,
            pre_experiment=snakemake.input.pre_experiment or None,
            settings=snakemake.params.settings,
            seed=snakemake.params.seed,
            device=snakemake.params.device,
            threads=snakemake.threads,
            code=snakemake.params.code,
        )
