# Public cohorts: fetch one and write its tables. The study itself reads the tables while it is planned, so this comes
# before it, as a workflow of its own: docs/public_cohorts.md.
from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


include: "rules/package.smk"
include: "rules/public_cohorts.smk"


rule all:
    default_target: True
    input:
        COHORT_FILES,
    message:
        "A public cohort and its tables"
