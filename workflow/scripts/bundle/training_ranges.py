"""Write the ranges of the training patients."""

from taceflow.bundle.training_ranges import write_ranges
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_ranges(
            patients=snakemake.input.patients,
            features=snakemake.input.features,
            radscore_model=snakemake.input.radscore,
            predictions=snakemake.input.predictions,
            variables=snakemake.params.variables,
            quality=snakemake.input.quality or None,
            acquisition=snakemake.input.acquisition or None,
            ranges=snakemake.output.ranges,
        )
