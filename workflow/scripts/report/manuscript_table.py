"""Print a table for the manuscript."""

from taceflow.log import logging_to
from taceflow.report.manuscript import write_manuscript_table

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_manuscript_table(
            table=snakemake.input.table,
            name=snakemake.wildcards.table,
            decimal_mark=snakemake.params.decimal_mark,
            html=snakemake.output.html,
            docx=snakemake.output.docx,
        )
