"""Write the page of a new patient."""

from taceflow.log import logging_to
from taceflow.report.applied import AppliedFiles
from taceflow.report.patient_page import write_patient_page

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_patient_page(
            run=snakemake.params.run,
            patient=snakemake.wildcards.patient,
            files=AppliedFiles(
                predictions=snakemake.input.predictions,
                ranges=snakemake.input.ranges,
                verdicts=snakemake.input.verdicts,
                models=snakemake.input.models,
                opened=snakemake.params.opened,
            ),
            picture=snakemake.input.picture or None,
            html=snakemake.output.html,
            pdf=snakemake.output.pdf,
        )
