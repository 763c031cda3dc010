"""Embed the images of one bucket of patients."""

from taceflow.dlopctr.convolutions.embeddings import embed_patients
from taceflow.dlopctr.convolutions.images import Sampling
from taceflow.dlopctr.convolutions.network import Convolutions
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        embed_patients(
            Convolutions(
                weights=snakemake.input.weights,
                description=snakemake.input.description,
                **snakemake.params.computing,
            ),
            Sampling(**snakemake.params.sampling),
            patches=snakemake.params.patches,
            embeddings=snakemake.output.embeddings,
            threads=snakemake.threads,
        )
