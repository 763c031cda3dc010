"""Import one patient's CT and masks, without identifiers."""

from taceflow.imaging.import_settings import ImportSettings
from taceflow.imaging.patient import import_patient
from taceflow.log import logging_to

if __name__ == "__main__":
    with logging_to(snakemake.log[0], __file__, snakemake.params.code):
        import_patient(
            patient=snakemake.wildcards.patient,
            **snakemake.params.files,
            archive=snakemake.params.archive,
            catalogue=snakemake.input.get("catalogue") or None,
            settings=ImportSettings.of(snakemake.params.imaging),
            on_bad_input=snakemake.params.on_bad_input,
            volumes=snakemake.output.volumes,
            candidates=snakemake.output.candidates,
        )
