"""Draw the flow of patients."""

from taceflow.figures.flow_chart import write_flow_chart
from taceflow.figures.style import set_look
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        set_look(snakemake.params.look)
        write_flow_chart(
            patients=snakemake.input.patients,
            exclusions=snakemake.input.exclusions,
            total=snakemake.params.total,
            screening=snakemake.params.screening,
            outputs=list(snakemake.output),
        )
