"""Draw how often bootstrap resamples select each feature."""

from taceflow.figures.selection_frequency import write_selection_frequency
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_selection_frequency(
            frequency=snakemake.input.frequency,
            model=snakemake.input.model,
            outputs=list(snakemake.output),
        )
