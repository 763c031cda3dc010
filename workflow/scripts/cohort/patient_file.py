"""Look for a patient's file that was asked for, which the job before has made."""

from pathlib import Path

from taceflow.errors import InputError
from taceflow.files.tables import read_json
from taceflow.log import logging_to
from taceflow.study.patient_jobs import stage_and_patient

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        file = Path(snakemake.output.file)
        _, patient = stage_and_patient(snakemake.wildcards[0])
        # one who has left the study may have left a file
        if patient not in read_json(snakemake.input.made)["made"] or not file.exists():
            raise InputError(
                "the patient is not in the study: there is no such file",
                file=str(file),
                remedy="cohort/exclusions.tsv of the run says why",
            )
        # Snakemake asks that it is newer than what it comes from
        file.touch()
