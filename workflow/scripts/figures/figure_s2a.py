"""Draw all features as a clustered heat map."""

from taceflow.figures.feature_heat_map import write_feature_heat_map
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_feature_heat_map(
            features=snakemake.input.features,
            patients=snakemake.input.patients,
            outputs=list(snakemake.output),
        )
