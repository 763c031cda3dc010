"""Draw the nomogram of the final Cox model."""

from taceflow.figures.nomogram import write_nomogram
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_nomogram(
            models=snakemake.input.models,
            model=snakemake.params.model,
            patients=snakemake.input.patients,
            dlopctr=snakemake.input.dlopctr or None,
            variables=snakemake.params.variables,
            horizons_months=snakemake.params.horizons_months,
            outputs=list(snakemake.output),
        )
