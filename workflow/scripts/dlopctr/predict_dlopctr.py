"""Predict every patient's survival with DLOP-CTR."""

from taceflow.dlopctr.fits.predict import predict_patients
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        predict_patients(**snakemake.input, **snakemake.output)
