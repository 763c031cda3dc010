"""Draw the cross-validation of the LASSO."""

from taceflow.figures.lasso_cv import write_lasso_cv
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_lasso_cv(
            cv=snakemake.input.cv,
            model=snakemake.input.model,
            outputs=list(snakemake.output),
        )
