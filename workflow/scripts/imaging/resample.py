"""Resample the CT and masks of patients to the study's grid."""

from taceflow.files.patient_job import PatientJob
from taceflow.imaging.crop import Reach
from taceflow.imaging.resample import resample_patient
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        job = PatientJob(**snakemake.params.job, ledger=snakemake.output.made)
        how, reach = snakemake.params.how, snakemake.params.reach
        job.run(
            lambda patient: resample_patient(
                volumes=job.read(patient),
                resampled=job.path(patient),
                reach=reach and Reach(**reach),
                **how,
            ),
            by=[snakemake.params.code, how, reach],
            after=[snakemake.input.imported],
        )
