"""Import one patient's CT and masks, without identifiers."""

from taceflow.imaging.patient import import_patient
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0]):
        import_patient(
            patient=snakemake.wildcards.patient,
            scan=snakemake.params.scan,
            masks=snakemake.params.masks,
            phase=snakemake.params.phase,
            phase_patterns=snakemake.params.phase_patterns,
            spacing_mm=snakemake.params.spacing_mm,
            minimum_roi_voxels=snakemake.params.minimum_roi_voxels,
            on_bad_input=snakemake.params.on_bad_input,
            volumes=snakemake.output.volumes,
        )
