"""Compute the radiomic features of patients under perturbed masks."""

from taceflow.files.patient_job import PatientJob
from taceflow.log import logging_to
from taceflow.radiomics.extract import Extraction
from taceflow.radiomics.perturbation.masks import Movement
from taceflow.radiomics.perturbation.patient import perturb_patient

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        job = PatientJob(**snakemake.params.job, ledger=snakemake.output.made)
        how, movement, drawn = (snakemake.params[name] for name in ("how", "movement", "drawn"))
        job.run(
            lambda patient: perturb_patient(
                patient=patient,
                resampled=job.read(patient),
                how=Extraction(panel=snakemake.input.panel, **how),
                movement=Movement(**movement),
                features=job.path(patient),
                **drawn,
            ),
            by=[snakemake.params.code, how, movement, drawn],
            after=[snakemake.input.resampled],
            files=[snakemake.input.panel],
        )
