"""Draw what the network looks at."""

from taceflow.figures.dlopctr_attention import write_dlopctr_attention
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_dlopctr_attention(
            table=snakemake.input.table,
            maps=snakemake.input.maps,
            description=snakemake.input.description,
            outputs=list(snakemake.output),
        )
