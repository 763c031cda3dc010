"""Choose the series of HCC-TACE-Seg that are fetched."""

from taceflow.archive.idc import write_series_plan
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0]):
        write_series_plan(output=snakemake.output.series)
