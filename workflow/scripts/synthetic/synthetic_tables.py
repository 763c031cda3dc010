"""Write the three tables of the synthetic cohort."""

from pathlib import Path

from taceflow.log import logging_to
from taceflow.synthetic.plan import write_tables

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_tables(
            settings=snakemake.params.settings,
            root=str(Path(snakemake.output.patients).parent),
            patients=snakemake.output.patients,
            scans=snakemake.output.scans,
            segmentations=snakemake.output.segmentations,
        )
