"""Keep what goes into the network's last stage, of one bucket of patients."""

from taceflow.dlopctr.convolutions.images import Sampling
from taceflow.dlopctr.convolutions.network import Convolutions
from taceflow.dlopctr.fine_tuning.stage_inputs import write_stage_inputs
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_stage_inputs(
            Convolutions(
                weights=snakemake.input.weights,
                description=snakemake.input.description,
                device=snakemake.params.device,
                precision=snakemake.params.precision,
            ),
            Sampling(
                slices=snakemake.params.slices,
                margin_mm=snakemake.params.margin_mm,
                views=snakemake.params.views,
                seed=snakemake.params.seed,
            ),
            patches=list(snakemake.input.patches),
            maps=snakemake.output.maps,
            threads=snakemake.threads,
        )
