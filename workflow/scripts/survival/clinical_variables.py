"""Choose the clinical variables of the models on the training patients."""

from taceflow.log import logging_to
from taceflow.survival.models.clinical_variables import write_clinical_variables

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_clinical_variables(
            patients=snakemake.input.patients,
            variables=snakemake.params.variables,
            p_enter=snakemake.params.p_enter,
            select=snakemake.params.select,
            chosen=snakemake.output.chosen,
        )
