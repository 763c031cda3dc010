"""Choose the series of HCC-TACE-Seg that are fetched."""

from taceflow.log import logging_to
from taceflow.public_cohorts.idc import write_series_plan

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_series_plan(output=snakemake.output.series)
