"""Compare training and validation patients."""

from taceflow.log import logging_to
from taceflow.survival.tables.table_1 import write_table_1

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_table_1(
            patients=snakemake.input.patients,
            variables=snakemake.params.variables,
            seed=snakemake.params.seed,
            table=snakemake.output.table,
        )
