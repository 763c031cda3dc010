"""Lay out the tumours of all included patients, worst first."""

from taceflow.imaging.quality.contact_sheet import write_contact_sheet
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_contact_sheet(
            numbers=snakemake.params.numbers,
            thumbnails=snakemake.params.thumbnails,
            pages=snakemake.output.pages,
            table=snakemake.output.table,
        )
