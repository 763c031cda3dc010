"""Fill the reporting checklists with what the run knows."""

from taceflow.log import logging_to
from taceflow.report.checklist.fill import write_checklist

TABLES = ("patients", "exclusions", "acquisition", "icc", "table_1", "performance")
DESCRIPTIONS = ("radscore", "clinical_variables", "models", "network", "backbone")


if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        made = snakemake.input
        write_checklist(
            asked=snakemake.input.asked,
            panel=snakemake.input.panel,
            libraries=snakemake.params.libraries,
            tables={name: made[name] for name in TABLES if made[name]},
            descriptions={name: made[name] for name in DESCRIPTIONS if made[name]},
            config=snakemake.params.config,
            total=snakemake.params.total,
            screening=snakemake.params.screening,
            is_synthetic=snakemake.params.is_synthetic,
            table=snakemake.output.table,
        )
