"""Draw the ROC curves of a model."""

from taceflow.figures.roc import write_roc
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_roc(
            curves=snakemake.input.curves,
            performance=snakemake.input.performance,
            model=snakemake.wildcards.model,
            outputs=list(snakemake.output),
        )
