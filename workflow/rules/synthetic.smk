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
        images=directory(f"{RESULTS}/synthetic/images/{{patient}}"),
    log:
        f"{RESULTS}/logs/synthetic_patient/{{patient}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/synthetic_patient/{{patient}}.tsv"
    conda:
        "../../envs/imaging.yaml"
    params:
        code=code_digest("synthetic/synthetic_patient"),
        settings=image_settings(config["synthetic"]),
    message:
        "Making the CT and the masks of {wildcards.patient}"
    script:
        "../scripts/synthetic/synthetic_patient.py"
