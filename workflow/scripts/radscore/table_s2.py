"""List the Radscore's features under both their names."""

from taceflow.log import logging_to
from taceflow.radscore.table_s2 import write_table_s2

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_table_s2(
            model=snakemake.input.model,
            frequency=snakemake.input.frequency or None,
            table=snakemake.output.table,
        )
