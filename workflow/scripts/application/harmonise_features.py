"""Harmonise the features of new patients as the bundle says."""

from taceflow.log import logging_to
from taceflow.radscore.harmonise import apply_harmonisation

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        apply_harmonisation(
            patients=snakemake.input.patients,
            features=snakemake.input.features,
            acquisition=snakemake.input.acquisition or None,
            radscore_model=snakemake.input.radscore,
            **snakemake.params.how,
            **snakemake.output,
        )
