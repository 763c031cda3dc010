"""Write the report of the run."""

from pathlib import Path

from taceflow.log import logging_to
from taceflow.report.report import write_report

TABLES = ("patients", "exclusions", "quality", "icc", "performance", "comparisons", "optimism")
TABLES += ("scores", "frequency", "predictions", "pre_experiment", "delong", "ranges", "batches")
TABLES += ("reviewed",)
DESCRIPTIONS = ("radscore", "network", "backbone", "models", "provenance")


if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        made = snakemake.input
        tables = {name: made[name] for name in TABLES if made[name]}
        write_report(
            template=snakemake.input.template,
            captions=list(snakemake.input.captions),
            figures=list(snakemake.input.figures),
            quality_pictures=snakemake.params.quality_pictures,
            contact_sheet=snakemake.input.contact_sheet or None,
            tables=tables | {Path(path).stem: path for path in made.manuscript},
            descriptions={name: made[name] for name in DESCRIPTIONS if made[name]},
            config=snakemake.params.config,
            study=snakemake.params.study,
            output=snakemake.output.html,
        )
