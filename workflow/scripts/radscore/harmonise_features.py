"""Harmonise the features by what the training patients tell of each scanner or centre."""

from taceflow.log import logging_to
from taceflow.radscore.harmonise import write_harmonised

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_harmonised(
            patients=snakemake.input.patients,
            features=snakemake.input.features,
            icc=snakemake.input.icc,
            acquisition=snakemake.input.acquisition or None,
            **snakemake.params.how,
            batches=snakemake.output.batches,
            model=snakemake.output.model,
            harmonised=snakemake.output.harmonised,
        )
