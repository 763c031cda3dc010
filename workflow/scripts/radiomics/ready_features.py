"""Take the features of a ready table."""

from taceflow.log import logging_to
from taceflow.radiomics.ready.table import write_ready_features

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_ready_features(
            source=snakemake.params.ready,
            patients=snakemake.input.patients,
            sheet=snakemake.params.sheet,
            features=snakemake.output.features,
        )
