"""Compute the radiomic features of one patient under perturbed masks."""

from taceflow.log import logging_to
from taceflow.radiomics.extract import Extraction
from taceflow.radiomics.perturbation.masks import Movement
from taceflow.radiomics.perturbation.patient import perturb_patient

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        perturb_patient(
            patient=snakemake.wildcards.patient,
            resampled=snakemake.input.resampled,
            how=Extraction(panel=snakemake.input.panel, **snakemake.params.how),
            movement=Movement(**snakemake.params.movement),
            seed=snakemake.params.seed,
            count=snakemake.params.repeats,
            features=snakemake.output.features,
        )
