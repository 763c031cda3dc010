# A made-up cohort with planted hazard ratios: the tables and the DICOM files that a user would bring.


rule synthetic_tables:
    output:
        patients=f"{RESULTS}/synthetic/patients.tsv",
        scans=f"{RESULTS}/synthetic/scans.tsv",
        segmentations=f"{RESULTS}/synthetic/segmentations.tsv",
    log:
        f"{RESULTS}/logs/synthetic_tables/synthetic_tables.log",
    benchmark:
        f"{RESULTS}/benchmarks/synthetic_tables/synthetic_tables.tsv"
    conda:
        "../../envs/imaging.yaml"
    params:
        code=code_digest("synthetic/synthetic_tables"),
        settings=config["synthetic"],
    message:
        "Drawing the synthetic cohort"
    script:
        "../scripts/synthetic/synthetic_tables.py"


rule synthetic_patient:
    output:
        made=JOBS.ledger("synthetic_patient"),
    log:
        f"{RESULTS}/logs/synthetic_patient/{{bucket}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/synthetic_patient/{{bucket}}.tsv"
    conda:
        "../../envs/imaging.yaml"
    params:
        code=code_digest("synthetic/synthetic_patient"),
        job=JOBS.told("synthetic_patient", listed),
        settings=image_settings(config["synthetic"]),
    message:
        "Making CT and masks, patients of bucket {wildcards.bucket}"
    script:
        "../scripts/synthetic/synthetic_patient.py"
