"""Turn the clinical sheet of WAW-TACE into the table of patients."""

from taceflow.log import logging_to
from taceflow.public_cohorts.waw_tace import write_patients

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_patients(sheet=snakemake.params.sheet, output=snakemake.output.patients)
