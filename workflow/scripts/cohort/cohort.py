"""Write who is in the study, who is not and why, and what was imported of each."""

from taceflow.cohort.build import CohortFiles, build_cohort
from taceflow.cohort.review import Verdict
from taceflow.cohort.sheets import read_cohort_tables
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        build_cohort(
            read_cohort_tables(
                patients=snakemake.input.patients,
                scans=snakemake.params.tables.get("scans"),
                segmentations=snakemake.params.tables.get("segmentations"),
                is_fitted=snakemake.params.split is not None,
            ),
            volumes=snakemake.params.volumes,
            listed=snakemake.params.listed,
            phase=snakemake.params.phase,
            has_archive=snakemake.params.has_archive,
            featured=snakemake.params.featured,
            review={one: Verdict(**said) for one, said in snakemake.params.review.items()},
            on_bad_input=snakemake.params.on_bad_input,
            split=snakemake.params.split,
            written=CohortFiles(**snakemake.output),
        )
