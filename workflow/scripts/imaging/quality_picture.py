"""Measure the masks of patients and draw them over the CT."""

from taceflow.files.patient_job import PatientJob
from taceflow.imaging.quality.patient import check_quality
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        job = PatientJob(**snakemake.params.job, ledger=snakemake.output.made)
        job.run(
            lambda patient: check_quality(
                patient=patient,
                volumes=job.read(patient),
                phase=snakemake.params.phase,
                picture=job.path(patient),
                thumbnail=job.path(patient, 1),
                numbers=job.path(patient, 2),
                slices=job.path(patient, 3),
            ),
            by=[snakemake.params.code, snakemake.params.phase],
            after=[snakemake.input.imported],
        )
