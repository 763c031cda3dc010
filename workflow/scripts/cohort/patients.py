"""Write the table of the included patients, if there are any to train on."""

from taceflow.cohort.build import write_patients
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_patients(
            patients=snakemake.input.sheet,
            members=snakemake.input.members,
            is_fitted=snakemake.params.is_fitted,
            output=snakemake.output.patients,
        )
