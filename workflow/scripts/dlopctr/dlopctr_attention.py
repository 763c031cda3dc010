"""Find out which places of a few patients' images raise the predicted risk."""

from taceflow.dlopctr.attention.explain import write_attention
from taceflow.dlopctr.convolutions.images import Sampling
from taceflow.dlopctr.convolutions.network import Convolutions
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_attention(
            Convolutions(
                weights=snakemake.input.weights,
                description=snakemake.input.backbone,
                **snakemake.params.computing,
            ),
            Sampling(**snakemake.params.sampling),
            predictions=snakemake.input.predictions,
            groups=snakemake.input.groups,
            patches=snakemake.params.patches,
            resampled=snakemake.params.resampled,
            model=snakemake.input.model,
            description=snakemake.input.description,
            **snakemake.output,
        )
