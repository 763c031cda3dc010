"""Embed the images of one bucket of patients."""

from taceflow.dlopctr.convolutions.embeddings import embed_patients
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        embed_patients(
            patches=list(snakemake.input.patches),
            weights=snakemake.input.weights,
            description=snakemake.input.description,
            embeddings=snakemake.output.embeddings,
            slices=snakemake.params.slices,
            views=snakemake.params.views,
            seed=snakemake.params.seed,
            margin_mm=snakemake.params.margin_mm,
            device=snakemake.params.device,
            precision=snakemake.params.precision,
            threads=snakemake.threads,
        )
