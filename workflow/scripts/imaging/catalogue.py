"""Write what lies in the archive of DICOM files: one row a series, one row a file."""

from taceflow.imaging.catalogue.build import build_catalogue
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        build_catalogue(
            root=snakemake.input.archive,
            ids=snakemake.params.ids,
            patients=list(snakemake.params.patients),
            code=snakemake.params.code,
            threads=snakemake.threads,
            series=snakemake.output.series,
            files=snakemake.output.files,
        )
