"""Say what of each patient lies outside the training range."""

from taceflow.application.ranges import compare_with_training
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        given = snakemake.input
        compare_with_training(
            patients=given.patients,
            features=given.features,
            radscore_model=given.radscore,
            quality=given.quality or None,
            acquisition=given.acquisition or None,
            training=given.training,
            needed=snakemake.params.needed,
            **snakemake.output,
        )
