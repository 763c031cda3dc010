"""Compute the radiomic features of every reading of one patient."""

from taceflow.log import logging_to
from taceflow.radiomics.extract import Extraction, extract_patient

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        extract_patient(
            patient=snakemake.wildcards.patient,
            resampled=snakemake.input.resampled,
            how=Extraction(panel=snakemake.input.panel, **snakemake.params.how),
            features=snakemake.output.features,
        )
