"""Put this run's numbers beside the printed ones."""

from taceflow.log import logging_to
from taceflow.report.beside_paper import write_beside_paper

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_beside_paper(
            printed_table_s1=snakemake.input.printed_table_s1,
            printed_figures=snakemake.input.printed_figures,
            patients=snakemake.input.patients,
            icc=snakemake.input.icc,
            radscore=snakemake.input.radscore,
            table_s1=snakemake.input.table_s1,
            predictions=snakemake.input.predictions,
            performance=snakemake.input.performance,
            table=snakemake.output.table,
        )
