"""Write down what the run was made of."""

from taceflow.log import logging_to
from taceflow.report.provenance import write_provenance

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_provenance(
            patients=snakemake.input.patients,
            descriptions=snakemake.input.descriptions,
            libraries=snakemake.params.libraries,
            config=snakemake.params.config,
            workflow=snakemake.params.workflow,
            provenance=snakemake.output.provenance,
        )
