"""Tabulate how the new patients differ from the training patients."""

from taceflow.application.case_mix import write_case_mix
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_case_mix(
            patients=snakemake.input.patients,
            training_ranges=snakemake.input.training_ranges,
            places=snakemake.input.places,
            predictions=snakemake.input.predictions,
            case_mix=snakemake.output.case_mix,
        )
