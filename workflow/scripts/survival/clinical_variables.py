"""Choose the clinical variables of the models on the training patients."""

from taceflow.log import logging_to
from taceflow.survival.models.clinical_variables import write_clinical_variables
from taceflow.survival.regression.variable_selection import Selection

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_clinical_variables(
            patients=snakemake.input.patients,
            selection=Selection(**snakemake.params.selection),
            chosen=snakemake.output.chosen,
        )
