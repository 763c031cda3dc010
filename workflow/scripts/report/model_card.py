"""Write the model card."""

from taceflow.log import logging_to
from taceflow.report.model_card import write_model_card

TABLES = ("patients", "icc", "performance", "predictions", "ranges", "frequency")
DESCRIPTIONS = ("radscore", "models", "network", "backbone")

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        made = snakemake.input
        write_model_card(
            tables={name: made[name] for name in TABLES if made[name]},
            descriptions={name: made[name] for name in DESCRIPTIONS if made[name]},
            config=snakemake.params.config,
            is_synthetic=snakemake.params.is_synthetic,
            markdown=snakemake.output.markdown,
            html=snakemake.output.html,
        )
