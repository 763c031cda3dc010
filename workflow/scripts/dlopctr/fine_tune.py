"""Tune the network's last stage for one fit."""

from taceflow.dlopctr.fine_tuning.fine_tune import fine_tune
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        fine_tune(
            fit=snakemake.wildcards.fit,
            patients=snakemake.input.patients,
            splits=snakemake.input.splits,
            breaks=snakemake.input.breaks,
            maps=list(snakemake.input.maps),
            weights=snakemake.input.weights,
            layer4=snakemake.output.layer4,
            description=snakemake.output.description,
            embeddings=snakemake.output.embeddings,
            pre_experiment=snakemake.input.pre_experiment or None,
            settings=snakemake.params.settings,
            layer4_learning_rate=snakemake.params.layer4_learning_rate,
            seed=snakemake.params.seed,
            device=snakemake.params.device,
            code=snakemake.params.code,
        )
