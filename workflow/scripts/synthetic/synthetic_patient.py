"""Write the CT and the masks of one synthetic patient."""

from taceflow.log import logging_to
from taceflow.synthetic.patient import write_patient

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_patient(
            settings=snakemake.params.settings,
            patient_id=snakemake.wildcards.patient,
            folder=snakemake.output.images,
        )
