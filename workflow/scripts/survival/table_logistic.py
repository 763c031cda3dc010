"""Stepwise logistic regression of death by each horizon."""

from taceflow.log import logging_to
from taceflow.survival.tables.table_logistic import write_table_logistic

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_table_logistic(
            patients=snakemake.input.patients,
            dlopctr_predictions=snakemake.input.dlopctr_predictions or None,
            variables=snakemake.params.variables,
            p_enter=snakemake.params.p_enter,
            horizons_months=snakemake.params.horizons_months,
            table=snakemake.output.table,
        )
