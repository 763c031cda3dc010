"""Draw the forest plot of Table S1."""

from taceflow.figures.forest import write_forest
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_forest(
            table=snakemake.input.table,
            outputs=list(snakemake.output),
        )
