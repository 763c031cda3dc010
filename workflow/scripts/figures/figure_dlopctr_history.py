"""Draw how the training of DLOP-CTR went."""

from taceflow.figures.dlopctr_history import write_dlopctr_history
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_dlopctr_history(
            history=snakemake.input.history,
            description=snakemake.input.description,
            outputs=list(snakemake.output),
        )
