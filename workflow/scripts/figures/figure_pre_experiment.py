"""Draw the grid of the pre-experiment."""

from taceflow.figures.pre_experiment import write_pre_experiment
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_pre_experiment(table=snakemake.input.table, outputs=list(snakemake.output))
