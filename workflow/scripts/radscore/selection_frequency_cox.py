"""Count how often bootstrap resamples select each feature: LASSO, Cox's model."""

from taceflow.log import logging_to
from taceflow.radscore.lasso_cox import COX
from taceflow.radscore.resampling import Bootstrap
from taceflow.radscore.stability import write_stability
from taceflow.radscore.training_data import load_training

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_stability(
            load_training(
                patients=snakemake.input.patients,
                features=snakemake.input.features,
                icc=snakemake.input.icc,
                folds=snakemake.input.folds,
                harmonised=snakemake.input.harmonised or None,
                batches=snakemake.input.batches or None,
            ),
            COX,
            Bootstrap(
                resamples=snakemake.params.bootstraps,
                seed=snakemake.params.seed,
                threads=snakemake.threads,
            ),
            choose=snakemake.params.choose,
            horizon_months=None,
            frequency=snakemake.output.frequency,
            resamples=snakemake.output.resamples,
        )
