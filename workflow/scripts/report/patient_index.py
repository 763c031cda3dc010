"""Write the page of all new patients."""

from taceflow.log import logging_to
from taceflow.report.applied import AppliedFiles
from taceflow.report.patient_index import write_patient_index

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_patient_index(
            run=snakemake.params.run,
            followed=snakemake.params.followed,
            changed=snakemake.params.changed,
            files=AppliedFiles(
                predictions=snakemake.input.predictions,
                ranges=snakemake.input.ranges,
                verdicts=snakemake.input.verdicts,
                models=snakemake.input.models,
                opened=snakemake.params.opened,
            ),
            html=snakemake.output.html,
        )
