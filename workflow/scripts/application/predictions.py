"""Apply the stored models to every patient."""

from taceflow.application.predict import predict_patients
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        given = snakemake.input
        networks = {"dlopctr": given.dlopctr, "dlop_combin": given.combin}
        predict_patients(
            patients=given.patients,
            radscore_scores=given.radscore_scores,
            networks={name: path for name, path in networks.items() if path},
            models=given.models,
            verdicts=given.verdicts or None,
            unserved=snakemake.params.unserved,
            needed=snakemake.params.needed,
            horizons_months=snakemake.params.horizons_months,
            **snakemake.output,
        )
