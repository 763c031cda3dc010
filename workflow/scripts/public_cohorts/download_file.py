"""Fetch one file from a web server."""

from taceflow.log import logging_to
from taceflow.public_cohorts.fetch import fetch_file
from taceflow.public_cohorts.http import RemoteFile

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        fetch_file(
            source=RemoteFile(**snakemake.params.source),
            target=snakemake.params.target,
            receipt=snakemake.output.receipt,
        )
