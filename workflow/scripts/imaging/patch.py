"""Cut the tumours' boxes of patients for the network."""

from taceflow.files.patient_job import PatientJob
from taceflow.imaging.patch import cut_patch
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        job = PatientJob(**snakemake.params.job, ledger=snakemake.output.made)
        job.run(
            lambda patient: cut_patch(
                ct=f"{job.read(patient)}/ct.nii.gz",
                mask=f"{job.read(patient)}/mask_reader1-1.nii.gz",
                patch=job.path(patient),
                **snakemake.params.how,
            ),
            by=[snakemake.params.code, snakemake.params.how],
            after=[snakemake.input.resampled],
        )
