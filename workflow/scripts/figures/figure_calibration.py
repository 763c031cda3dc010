"""Draw the calibration of a model."""

from taceflow.figures.calibration import write_calibration
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_calibration(
            groups=snakemake.input.groups,
            model=snakemake.wildcards.model,
            outputs=list(snakemake.output),
        )
