"""Embed the images of patients."""

from functools import partial

from taceflow.dlopctr.convolutions.embeddings import embed_patients
from taceflow.dlopctr.convolutions.images import Sampling
from taceflow.dlopctr.convolutions.network import Convolutions
from taceflow.files.patient_job import PatientJob
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        job, files = (
            PatientJob(**snakemake.params.job, ledger=snakemake.output.made),
            snakemake.input,
        )
        computing, sampling = snakemake.params.computing, snakemake.params.sampling
        job.run_together(
            partial(
                embed_patients,
                Convolutions(weights=files.weights, description=files.description, **computing),
                Sampling(**sampling),
                patches=f"{job.results}/patches/{{patient}}.nii.gz",
                embeddings=f"{job.results}/{job.files[0]}",
                threads=snakemake.threads,
            ),
            by=[snakemake.params.code, computing, sampling],
            after=files.patches,
            files=[files.description],
        )
