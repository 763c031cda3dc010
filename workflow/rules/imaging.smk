# From the user's files to volumes on the study's grid, and the network's patch.


rule import_patient:
    input:
        synthetic=JOBS.ledger("synthetic_patient") if STUDY.is_synthetic else [],
        catalogue=catalogue_files,
    output:
        made=JOBS.ledger("import_patient"),
    log:
        f"{RESULTS}/logs/import_patient/{{bucket}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/import_patient/{{bucket}}.tsv"
    priority: 1
    conda:
        "../../envs/imaging.yaml"
    resources:
        mem_mb=memory_mb(3000),
        runtime=BUCKET_MINUTES,
    params:
        code=code_digest("imaging/import_patient"),
        job=JOBS.told("import_patient", listed),
        sources=sources,
        archive=STUDY.archive_masks,
        imaging=config["imaging"],
        on_bad_input=config["on_bad_input"],
    message:
        "Importing CT and masks, patients of bucket {wildcards.bucket}"
    script:
        "../scripts/imaging/import_patient.py"


rule resample:
    input:
        imported=rules.import_patient.output.made,
        drawn=DRAWN,
    output:
        made=JOBS.ledger("resample"),
    log:
        f"{RESULTS}/logs/resample/{{bucket}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/resample/{{bucket}}.tsv"
    priority: 1
    conda:
        "../../envs/imaging.yaml"
    resources:
        mem_mb=memory_mb(3000),
        runtime=BUCKET_MINUTES,
    params:
        code=code_digest("imaging/resample"),
        job=JOBS.told("resample", included, reads="import_patient"),
        how={key: config["imaging"][key] for key in ("spacing_mm", "mask_interpolation")},
        reach=STUDY.reach,
    message:
        "Resampling to the study's grid, patients of bucket {wildcards.bucket}"
    script:
        "../scripts/imaging/resample.py"


rule patch:
    input:
        resampled=rules.resample.output.made,
        drawn=DRAWN,
    output:
        made=JOBS.ledger("patch"),
    log:
        f"{RESULTS}/logs/patch/{{bucket}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/patch/{{bucket}}.tsv"
    priority: 1
    conda:
        "../../envs/imaging.yaml"
    resources:
        mem_mb=memory_mb(1500),
        runtime=BUCKET_MINUTES,
    params:
        code=code_digest("imaging/patch"),
        job=JOBS.told("patch", included, reads="resample"),
        how={key: config["patch"][key] for key in ("margin_mm", "window_hu")},
    message:
        "Cutting the tumours' boxes, patients of bucket {wildcards.bucket}"
    script:
        "../scripts/imaging/patch.py"
