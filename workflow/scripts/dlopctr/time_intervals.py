"""Choose the network's time intervals."""

from taceflow.dlopctr.protocol.intervals import write_breaks
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_breaks(
            patients=snakemake.input.patients,
            breaks=snakemake.output.breaks,
            intervals=snakemake.params.intervals,
            horizon_months=snakemake.params.horizon_months,
        )
