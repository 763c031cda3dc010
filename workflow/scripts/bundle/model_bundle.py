"""Pack the fitted study into one file without patients."""

from pathlib import Path

from taceflow.bundle.assemble import BundleSources, bundle_model
from taceflow.log import logging_to

DESCRIPTIONS = ("radscore", "models", "clinical_variables", "network", "combin", "backbone")
DESCRIPTIONS += ("harmonisation",)
TABLES = ("patients", "predictions", "icc", "performance", "ranges")
WEIGHTS = {"dlopctr": "heads", "dlop_combin": "heads_of_combin", "backbone": "convolutions"}

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        made = snakemake.input
        bundle_model(
            BundleSources(
                descriptions={name: made[name] for name in DESCRIPTIONS if made[name]},
                **{name: made[name] for name in (*TABLES, "panel")},
                card={Path(path).name: path for path in made.card},
                weights={name: made[key] for name, key in WEIGHTS.items() if made[key]},
            ),
            config=snakemake.params.config,
            code=snakemake.params.applied,
            libraries=snakemake.params.libraries,
            folder=snakemake.output.folder,
            archive=snakemake.output.archive,
        )
