"""Keep what goes into the network's last stage, of one bucket of patients."""

from taceflow.dlopctr.fine_tuning.stage_inputs import write_stage_inputs
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_stage_inputs(
            patches=list(snakemake.input.patches),
            weights=snakemake.input.weights,
            description=snakemake.input.description,
            maps=snakemake.output.maps,
            slices=snakemake.params.slices,
            views=snakemake.params.views,
            seed=snakemake.params.seed,
            margin_mm=snakemake.params.margin_mm,
            device=snakemake.params.device,
            precision=snakemake.params.precision,
            threads=snakemake.threads,
        )
