"""Fit the models on the training patients, and predict for everybody."""

from taceflow.log import logging_to
from taceflow.survival.models import fit_models

if __name__ == "__main__":
    with logging_to(snakemake.log[0]):
        fit_models(
            patients=snakemake.input.patients,
            radscore_scores=snakemake.input.radscore_scores,
            dlopctr_predictions=snakemake.input.dlopctr_predictions or None,
            combin=snakemake.input.combin or None,
            clinical_variables=snakemake.input.clinical_variables,
            horizons_months=snakemake.params.horizons_months,
            models=snakemake.output.models,
            predictions=snakemake.output.predictions,
        )
