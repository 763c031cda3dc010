"""Find out which places of a few patients' images raise the predicted risk."""

from taceflow.dlopctr.attention.explain import write_attention
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        write_attention(
            predictions=snakemake.input.predictions,
            groups=snakemake.input.groups,
            patches=list(snakemake.input.patches),
            resampled=list(snakemake.input.resampled),
            weights=snakemake.input.weights,
            layer4=snakemake.input.layer4 or None,
            backbone=snakemake.input.backbone,
            model=snakemake.input.model,
            description=snakemake.input.description,
            table=snakemake.output.table,
            maps=snakemake.output.maps,
            slices=snakemake.params.slices,
            margin_mm=snakemake.params.margin_mm,
            device=snakemake.params.device,
            precision=snakemake.params.precision,
        )
