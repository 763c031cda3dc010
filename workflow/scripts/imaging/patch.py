"""Cut one patient's tumour box for the network."""

from pathlib import Path

from taceflow.imaging.patch import cut_patch
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        resampled = Path(snakemake.input.resampled)
        cut_patch(
            ct=str(resampled / "ct.nii.gz"),
            mask=str(resampled / "mask_reader1-1.nii.gz"),
            patch=snakemake.output.patch,
            margin_mm=snakemake.params.margin_mm,
            window_hu=snakemake.params.window_hu,
        )
