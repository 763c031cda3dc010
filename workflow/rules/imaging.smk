# From the user's files to volumes on the study's grid, and the network's patch.


rule import_patient:
    input:
        source=STUDY.index.patient_sources,
        catalogue=catalogue_files,
    output:
        volumes=directory(f"{RESULTS}/volumes/{{patient}}"),
        # free text of headers: it stays where the images are
        candidates=f"{RESULTS}/private/candidates/{{patient}}.json",
    log:
        f"{RESULTS}/logs/import_patient/{{patient}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/import_patient/{{patient}}.tsv"
    conda:
        "../../envs/imaging.yaml"
    resources:
        mem_mb=3000,
    params:
        code=code_digest("imaging/import_patient"),
        fingerprint=source_fingerprint,
        files=STUDY.index.patient_files,
        archive=STUDY.archive_masks,
        imaging=config["imaging"],
        on_bad_input=config["on_bad_input"],
    message:
        "Importing the CT and masks of {wildcards.patient}"
    script:
        "../scripts/imaging/import_patient.py"


rule resample:
    input:
        volumes=rules.import_patient.output.volumes,
    output:
        resampled=directory(f"{RESULTS}/resampled/{{patient}}"),
    log:
        f"{RESULTS}/logs/resample/{{patient}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/resample/{{patient}}.tsv"
    conda:
        "../../envs/imaging.yaml"
    resources:
        mem_mb=3000,
    params:
        code=code_digest("imaging/resample"),
        spacing_mm=config["imaging"]["spacing_mm"],
        mask_interpolation=config["imaging"]["mask_interpolation"],
        reach=STUDY.reach,
    message:
        "Resampling {wildcards.patient} to the study's grid"
    script:
        "../scripts/imaging/resample.py"


rule patch:
    input:
        resampled=rules.resample.output.resampled,
    output:
        patch=f"{RESULTS}/patches/{{patient}}.nii.gz",
    log:
        f"{RESULTS}/logs/patch/{{patient}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/patch/{{patient}}.tsv"
    conda:
        "../../envs/imaging.yaml"
    resources:
        mem_mb=1500,
    params:
        code=code_digest("imaging/patch"),
        margin_mm=config["patch"]["margin_mm"],
        window_hu=config["patch"]["window_hu"],
    message:
        "Cutting the tumour's box of {wildcards.patient}"
    script:
        "../scripts/imaging/patch.py"
