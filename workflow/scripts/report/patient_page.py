"""Write the pages of new patients."""

from taceflow.files.patient_job import PatientJob
from taceflow.log import logging_to
from taceflow.report.applied import AppliedFiles
from taceflow.report.patient_page import write_patient_page

TOLD = ("predictions", "ranges", "verdicts", "models")

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        told = {name: snakemake.input[name] for name in TOLD}
        opened, pictures = snakemake.params.opened, snakemake.input.pictures
        job = PatientJob(**snakemake.params.job, ledger=snakemake.output.made)
        job.run(
            lambda patient: write_patient_page(
                run=snakemake.params.run,
                patient=patient,
                files=AppliedFiles(**told, opened=opened),
                picture=job.read(patient) if pictures else None,
                html=job.path(patient),
                pdf=job.path(patient, 1),
            ),
            by=[snakemake.params.code, snakemake.params.run],
            after=[pictures] if pictures else [],
            files=[*told.values(), *snakemake.input.bundle],
        )
