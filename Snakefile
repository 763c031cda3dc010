# The workflow itself is workflow/Snakefile; this file lets `snakemake` run from the project's folder.
configfile: "config/config.yaml"


module taceflow:
    snakefile:
        "workflow/Snakefile"
    config:
        config


use rule * from taceflow
