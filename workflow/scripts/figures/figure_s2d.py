"""Draw the selected features as a heat map."""

from taceflow.figures.selected_heat_map import write_selected_heat_map
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_selected_heat_map(
            features=snakemake.input.features,
            patients=snakemake.input.patients,
            scores=snakemake.input.scores,
            model=snakemake.input.model,
            outputs=list(snakemake.output),
        )
