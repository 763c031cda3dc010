"""Lay out the files of a bundle, once every byte was checked."""

from taceflow.bundle.opened import lay_out
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        lay_out(snakemake.input.bundle, list(snakemake.output))
