"""Look for a patient's file that was asked for, which the job before has made."""

from pathlib import Path

from taceflow.errors import InputError
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        file = Path(snakemake.output.file)
        if not file.exists():
            raise InputError(
                "the patient is not in the study: there is no such file",
                file=str(file),
                remedy="cohort/exclusions.tsv of the run says why",
            )
        # Snakemake asks that it is newer than what it comes from
        file.touch()
