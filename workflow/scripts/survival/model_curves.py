"""Tabulate ROC, calibration and decision curves."""

from taceflow.log import logging_to
from taceflow.survival.evaluation.curves import write_curves

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_curves(
            patients=snakemake.input.patients,
            predictions=snakemake.input.predictions,
            horizons_months=snakemake.params.horizons_months,
            roc=snakemake.output.roc,
            auc=snakemake.output.auc,
            calibration=snakemake.output.calibration,
            decision_curve=snakemake.output.decision_curve,
        )
