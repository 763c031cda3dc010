"""Take the heads that predict new patients."""

from taceflow.bundle.heads import keep_final_heads
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        made = snakemake.input
        keep_final_heads(
            {
                "dlopctr": (made.network, made.network_description),
                "dlop_combin": (made.combin, made.combin_description),
            },
            dict(snakemake.output.items()),
        )
