"""Fetch the series of one patient from the Imaging Data Commons."""

from taceflow.archive.fetch import fetch_patient
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0]):
        fetch_patient(
            series=snakemake.input.series,
            patient=snakemake.wildcards.patient,
            folder=snakemake.params.folder,
            receipt=snakemake.output.receipt,
        )
