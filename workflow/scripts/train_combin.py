"""Train DLOP-Combin and predict with it."""

from taceflow.deep.combin import train_combin
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0]):
        files = dict(snakemake.input.items()) | dict(snakemake.output.items())
        train_combin(**files, **dict(snakemake.params.items()))
