"""Bring the convolutions' weights into the run."""

from taceflow.dlopctr.convolutions.weights import prepare_backbone
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        prepare_backbone(
            backbone=snakemake.params.backbone,
            sha256=snakemake.params.sha256,
            seed=snakemake.params.seed,
            expected=snakemake.params.expected,
            weights=snakemake.output.weights,
            description=snakemake.output.description,
            code=snakemake.params.code,
        )
