"""Tune the network's last stage for one fit."""

from taceflow.dlopctr.fine_tuning.fine_tune import fine_tune
from taceflow.dlopctr.fits.files import FitFiles, Training
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        fine_tune(
            snakemake.wildcards.fit,
            FitFiles(
                patients=snakemake.input.patients,
                splits=snakemake.input.splits,
                breaks=snakemake.input.breaks,
                pre_experiment=snakemake.input.pre_experiment or None,
            ),
            Training(
                settings=snakemake.params.settings,
                seed=snakemake.params.seed,
                device=snakemake.params.device,
                code=snakemake.params.code,
            ),
            maps=list(snakemake.input.maps),
            weights=snakemake.input.weights,
            layer4_learning_rate=snakemake.params.layer4_learning_rate,
            **snakemake.output,
        )
