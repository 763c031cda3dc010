"""Fit the Radscore: LASSO for Cox's model."""

from taceflow.log import logging_to
from taceflow.radscore.lasso_cox import COX
from taceflow.radscore.model import fit_radscore
from taceflow.radscore.training_data import load_training

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        fit_radscore(
            load_training(
                patients=snakemake.input.patients,
                features=snakemake.input.features,
                icc=snakemake.input.icc,
                folds=snakemake.input.folds,
                harmonised=snakemake.input.harmonised or None,
                batches=snakemake.input.batches or None,
            ),
            COX,
            choose=snakemake.params.choose,
            horizon_months=None,
            cut_off=snakemake.params.cut_off,
            path=snakemake.output.path,
            cv=snakemake.output.cv,
            model=snakemake.output.model,
        )
