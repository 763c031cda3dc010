"""Join the embeddings of all patients."""

from taceflow.dlopctr.dataset import collect_embeddings
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        collect_embeddings(parts=snakemake.params.parts, embeddings=snakemake.output.embeddings)
