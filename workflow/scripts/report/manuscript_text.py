"""Write methods and results as paragraphs for a manuscript."""

from taceflow.log import logging_to
from taceflow.report.manuscript_text import write_manuscript_text

TABLES = ("patients", "exclusions", "icc", "performance", "optimism", "comparisons", "table_s1")
DESCRIPTIONS = ("radscore", "network", "backbone")

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        made = snakemake.input
        write_manuscript_text(
            tables={name: made[name] for name in TABLES},
            descriptions={name: made[name] for name in DESCRIPTIONS if made[name]},
            config=snakemake.params.config,
            total=snakemake.params.total,
            html=snakemake.output.html,
            docx=snakemake.output.docx,
        )
