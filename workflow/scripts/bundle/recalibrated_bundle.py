"""Pack the applied bundle with its models recalibrated on this run's patients."""

from taceflow.bundle.recalibrated import write_recalibrated_bundle
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_recalibrated_bundle(
            parent=snakemake.input.parent,
            recalibrated=snakemake.input.recalibrated,
            version=snakemake.wildcards.version,
            name=snakemake.params.run,
            folder=snakemake.output.folder,
            archive=snakemake.output.archive,
        )
