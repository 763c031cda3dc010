"""Draw survival by BCLC-B substage."""

from taceflow.figures.style import set_look
from taceflow.figures.survival_by_score import write_survival_by_substage
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_survival_by_substage(
            patients=snakemake.input.patients,
            outputs=list(snakemake.output),
        )
