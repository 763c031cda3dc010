"""Gather one reading's features of all patients."""

from taceflow.log import logging_to
from taceflow.radiomics.collect import collect_features

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        collect_features(
            tables=snakemake.params.tables,
            panel=snakemake.input.panel,
            reading=snakemake.wildcards.reading,
            features=snakemake.output.features,
        )
