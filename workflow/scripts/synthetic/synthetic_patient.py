"""Write the CT and the masks of synthetic patients."""

from taceflow.files.patient_job import PatientJob
from taceflow.log import logging_to
from taceflow.synthetic.patient import write_patient

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        job = PatientJob(**snakemake.params.job, ledger=snakemake.output.made)
        settings = snakemake.params.settings
        job.run(
            lambda patient: write_patient(
                settings=settings, patient_id=patient, folder=job.path(patient)
            ),
            by=[snakemake.params.code, settings],
        )
