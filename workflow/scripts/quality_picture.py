"""Draw one patient's masks over the CT."""

from taceflow.imaging.quality import draw_quality_picture
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0]):
        draw_quality_picture(
            patient=snakemake.wildcards.patient,
            volumes=snakemake.input.volumes,
            picture=snakemake.output.picture,
        )
