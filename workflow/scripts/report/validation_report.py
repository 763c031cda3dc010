"""Write the report of an external validation."""

from taceflow.log import logging_to
from taceflow.report.validation import write_validation_report

TABLES = ("patients", "exclusions", "ranges", "verdicts", "models", "performance", "comparisons")
TABLES += ("predictions", "recalibration", "case_mix", "training", "told")

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        given = snakemake.input
        write_validation_report(
            captions=list(given.captions),
            figures=list(given.figures),
            tables={name: given[name] for name in TABLES},
            manifest=given.manifest,
            run=snakemake.params.run,
            total=snakemake.params.total,
            decimal_mark=snakemake.params.decimal_mark,
            is_synthetic=snakemake.params.is_synthetic,
            output=snakemake.output.html,
        )
