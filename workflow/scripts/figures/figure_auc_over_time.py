"""Draw the AUC of all models over time."""

from taceflow.figures.auc_over_time import write_auc_over_time
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_auc_over_time(
            areas=snakemake.input.areas,
            outputs=list(snakemake.output),
        )
