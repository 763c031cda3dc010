"""Unpack the scans of WAW-TACE and write their table."""

from taceflow.log import logging_to
from taceflow.public_cohorts.waw_tace import write_scans

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_scans(
            archives=snakemake.params.archives,
            patients=snakemake.input.patients,
            phase=snakemake.params.phase,
            folder=snakemake.params.folder,
            output=snakemake.output.scans,
        )
