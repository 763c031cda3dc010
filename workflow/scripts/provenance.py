"""Write down what the run was made of."""

from taceflow.log import logging_to
from taceflow.report.provenance import write_provenance

if __name__ == "__main__":
    with logging_to(snakemake.log[0]):
        write_provenance(
            patients=snakemake.input.patients,
            lock=snakemake.input.lock,
            descriptions=snakemake.input.descriptions,
            config=snakemake.params.config,
            workflow=snakemake.params.workflow,
            provenance=snakemake.output.provenance,
        )
