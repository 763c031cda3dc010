"""Compute the radiomic features of every reading of patients."""

from taceflow.files.patient_job import PatientJob
from taceflow.log import logging_to
from taceflow.radiomics.extract import Extraction, extract_patient

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        job = PatientJob(**snakemake.params.job, ledger=snakemake.output.made)
        job.run(
            lambda patient: extract_patient(
                patient=patient,
                resampled=job.read(patient),
                how=Extraction(panel=snakemake.input.panel, **snakemake.params.how),
                features=job.path(patient),
            ),
            by=[snakemake.params.code, snakemake.params.how],
            after=[snakemake.input.resampled],
            files=[snakemake.input.panel],
        )
