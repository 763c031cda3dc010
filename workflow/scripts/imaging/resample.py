"""Resample one patient's CT and masks to the study's grid."""

from taceflow.imaging.crop import Reach
from taceflow.imaging.resample import resample_patient
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        reach = snakemake.params.reach
        resample_patient(
            volumes=snakemake.input.volumes,
            resampled=snakemake.output.resampled,
            spacing_mm=snakemake.params.spacing_mm,
            mask_interpolation=snakemake.params.mask_interpolation,
            reach=reach and Reach(**reach),
        )
