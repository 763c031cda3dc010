"""Draw the reproducibility of the features."""

from taceflow.figures.feature_reproducibility import write_feature_reproducibility
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_feature_reproducibility(
            icc=snakemake.input.icc,
            threshold=snakemake.params.threshold,
            outputs=list(snakemake.output),
        )
