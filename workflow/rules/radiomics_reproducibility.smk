# Which features readers and moved contours reproduce.
PERTURBATIONS = config["radiomics"]["perturbations"]
MOVEMENT = ("contour_mm", "correlation_mm", "volume_fraction", "translation_mm")


rule feature_reproducibility:
    input:
        patients=PATIENTS,
        tables=reading_tables,
        perturbed=made_of("perturb_patient", perturbed),
    output:
        icc=f"{RESULTS}/radiomics/icc.tsv",
    log:
        f"{RESULTS}/logs/feature_reproducibility/feature_reproducibility.log",
    benchmark:
        f"{RESULTS}/benchmarks/feature_reproducibility/feature_reproducibility.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("radiomics/feature_reproducibility"),
        threshold=config["radiomics"]["icc_threshold"],
        perturbed=JOBS.each("perturb_patient", perturbed),
    message:
        "Keeping the features that readings agree on"
    script:
        "../scripts/radiomics/feature_reproducibility.py"


if PERTURBATIONS["patients"]:

    rule perturb_patient:
        input:
            resampled=JOBS.ledger("resample"),
            drawn=DRAWN,
            panel=config["radiomics"]["panel"],
        output:
            made=JOBS.ledger("perturb_patient"),
        log:
            f"{RESULTS}/logs/perturb_patient/{{bucket}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/perturb_patient/{{bucket}}.tsv"
        conda:
            "../../envs/radiomics.yaml"
        resources:
            mem_mb=memory_mb(4000),
            runtime=minutes(60 + 2 * config["patients_per_job"]),
        params:
            code=code_digest("radiomics/perturb_patient"),
            job=JOBS.told("perturb_patient", perturbed, reads="resample"),
            how=EXTRACTION,
            movement={key: PERTURBATIONS[key] for key in MOVEMENT},
            drawn={key: PERTURBATIONS[key] for key in ("seed", "count")},
        message:
            "Computing features under perturbed masks, patients of bucket {wildcards.bucket}"
        script:
            "../scripts/radiomics/perturb_patient.py"
