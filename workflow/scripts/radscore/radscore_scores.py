"""Apply the Radscore to all patients."""

from taceflow.log import logging_to
from taceflow.radscore.model import write_scores

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_scores(
            patients=snakemake.input.patients,
            features=snakemake.input.features,
            model=snakemake.input.model,
            scores=snakemake.output.scores,
        )
