"""Import the CT and masks of patients, without identifiers."""

from taceflow.files.patient_job import PatientJob
from taceflow.imaging.import_settings import ImportSettings
from taceflow.imaging.patient import import_patient
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        job = PatientJob(**snakemake.params.job, ledger=snakemake.output.made)
        sources = snakemake.params.sources
        how = {"archive": snakemake.params.archive, "on_bad_input": snakemake.params.on_bad_input}
        imaging = snakemake.params.imaging
        job.run(
            lambda patient: import_patient(
                patient=patient,
                scan=sources[patient]["scan"],
                masks=sources[patient]["masks"],
                catalogue=snakemake.input.get("catalogue") or None,
                settings=ImportSettings.of(imaging),
                volumes=job.path(patient),
                candidates=job.path(patient, 1),
                **how,
            ),
            by=[snakemake.params.code, imaging, how],
            of=sources,
        )
