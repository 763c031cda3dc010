"""Import one patient's CT and masks, without identifiers."""

from dataclasses import fields

from taceflow.imaging.dicom.phase import PhaseRules
from taceflow.imaging.patient import import_patient
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        imaging = snakemake.params.imaging
        import_patient(
            patient=snakemake.wildcards.patient,
            **snakemake.params.files,
            archive=snakemake.params.archive,
            catalogue=snakemake.input.get("catalogue") or None,
            rules=PhaseRules(**{rule.name: imaging[rule.name] for rule in fields(PhaseRules)}),
            gantry_tilt=imaging["gantry_tilt"],
            tumors=imaging["tumors"],
            spacing_mm=imaging["spacing_mm"],
            mask_interpolation=imaging["mask_interpolation"],
            minimum_roi_voxels=imaging["minimum_roi_voxels"],
            on_bad_input=snakemake.params.on_bad_input,
            volumes=snakemake.output.volumes,
            candidates=snakemake.output.candidates,
        )
