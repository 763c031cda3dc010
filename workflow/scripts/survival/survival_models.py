"""Fit the models on the training patients, and predict for everybody."""

from taceflow.log import logging_to
from taceflow.survival.models.fit import fit_models

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        given = snakemake.input
        networks = {
            name: {"predictions": table, "weights": weights, "breaks": given.breaks}
            for name, table, weights in (
                ("dlopctr", given.dlopctr, given.dlopctr_weights),
                ("dlop_combin", given.combin, given.combin_weights),
            )
        }
        fit_models(
            patients=given.patients,
            radscore_scores=given.radscore_scores,
            radscore_model=given.radscore_model,
            networks=networks if given.dlopctr else {},
            by_seed=given.dlopctr_by_seed or None,
            clinical_variables=given.clinical_variables,
            horizons_months=snakemake.params.horizons_months,
            cut_off=snakemake.params.cut_off,
            models=snakemake.output.models,
            predictions=snakemake.output.predictions,
        )
