"""Join the tumours of each patient of WAW-TACE and write the table of masks."""

from taceflow.log import logging_to
from taceflow.public_cohorts.waw_tace_masks import write_segmentations

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_segmentations(
            archive=snakemake.params.archive,
            patients=snakemake.input.patients,
            phase=snakemake.params.phase,
            folder=snakemake.params.folder,
            output=snakemake.output.segmentations,
        )
