"""Measure one patient's masks and draw them over the CT."""

from taceflow.imaging.quality.patient import check_quality
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        check_quality(
            patient=snakemake.wildcards.patient,
            volumes=snakemake.input.volumes,
            phase=snakemake.params.phase,
            picture=snakemake.output.picture,
            thumbnail=snakemake.output.thumbnail,
            numbers=snakemake.output.numbers,
        )
