"""Turn the clinical sheet of HCC-TACE-Seg into the table of patients."""

from taceflow.archive.hcc_tace_seg import write_patients
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0]):
        write_patients(sheet=snakemake.params.sheet, output=snakemake.output.patients)
