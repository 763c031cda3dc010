"""Fetch the series of one patient from the Imaging Data Commons."""

from taceflow.log import logging_to
from taceflow.public_cohorts.fetch import fetch_patient

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        fetch_patient(
            series=snakemake.input.series,
            patient=snakemake.wildcards.patient,
            folder=snakemake.params.folder,
            receipt=snakemake.output.receipt,
        )
