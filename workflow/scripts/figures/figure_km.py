"""Draw survival by a model's risk groups."""

from taceflow.figures.style import set_look
from taceflow.figures.survival_by_risk import write_survival_by_risk
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_survival_by_risk(
            patients=snakemake.input.patients,
            predictions=snakemake.input.predictions,
            model=snakemake.wildcards.model,
            outputs=list(snakemake.output),
        )
