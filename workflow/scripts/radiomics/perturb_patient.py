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
            how=Extraction(
                panel=snakemake.input.panel,
                tumors=snakemake.params.tumors,
                minimum_roi_voxels=snakemake.params.minimum_roi_voxels,
                scale=snakemake.params.scale,
            ),
            seed=snakemake.params.seed,
            count=snakemake.params.repeats,
            movement=Movement(
                contour_mm=snakemake.params.contour_mm,
                correlation_mm=snakemake.params.correlation_mm,
                volume_fraction=snakemake.params.volume_fraction,
                translation_mm=snakemake.params.translation_mm,
            ),
            features=snakemake.output.features,
        )
