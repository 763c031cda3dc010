"""Draw the coefficient profiles of the LASSO."""

from taceflow.figures.lasso_path import write_lasso_path
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_lasso_path(
            path=snakemake.input.path,
            cv=snakemake.input.cv,
            model=snakemake.input.model,
            features=snakemake.input.features,
            patients=snakemake.input.patients,
            outputs=list(snakemake.output),
        )
