"""Univariate and multivariable Cox analysis of the training patients."""

from taceflow.log import logging_to
from taceflow.survival.tables.table_s1 import write_table_s1

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_table_s1(
            patients=snakemake.input.patients,
            dlopctr_predictions=snakemake.input.dlopctr_predictions or None,
            variables=snakemake.params.variables,
            p_enter=snakemake.params.p_enter,
            select=snakemake.params.select,
            missing=snakemake.params.missing,
            seed=snakemake.params.seed,
            table=snakemake.output.table,
        )
