"""Fetch one file of a Zenodo record."""

from taceflow.log import logging_to
from taceflow.public_cohorts.fetch import fetch_zenodo_file

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        fetch_zenodo_file(
            record=snakemake.params.record,
            name=snakemake.wildcards.file,
            target=snakemake.params.target,
            receipt=snakemake.output.receipt,
        )
