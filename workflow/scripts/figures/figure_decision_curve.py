"""Draw the decision curves of all models."""

from taceflow.figures.decision_curve import write_decision_curve
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_decision_curve(
            curves=snakemake.input.curves,
            outputs=list(snakemake.output),
        )
