"""Write the report of the run."""

from taceflow.log import logging_to
from taceflow.report.html import write_report

TABLES = ("patients", "exclusions", "quality", "icc", "performance", "comparisons", "optimism")
TABLES += ("scores", "frequency", "predictions")
TABLES += ("pre_experiment", "delong", "table_1", "table_s1", "table_s2", "logistic")
TABLES += ("beside_paper", "checklist")
DESCRIPTIONS = ("radscore", "network", "backbone", "models", "provenance")


if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        made = snakemake.input
        write_report(
            template=snakemake.input.template,
            captions=list(snakemake.input.captions),
            figures=list(snakemake.input.figures),
            left_out=snakemake.params.left_out,
            quality_pictures=list(snakemake.input.quality_pictures),
            contact_sheet=snakemake.input.contact_sheet or None,
            tables={name: made[name] for name in TABLES if made[name]},
            descriptions={name: made[name] for name in DESCRIPTIONS if made[name]},
            config=snakemake.params.config,
            is_synthetic=snakemake.params.is_synthetic,
            total=snakemake.params.total,
            ready_notes=snakemake.params.ready_notes,
            output=snakemake.output.html,
        )
