# Which features readers and moved contours reproduce.


rule feature_reproducibility:
    input:
        patients=PATIENTS,
        tables=reading_tables,
        perturbed=perturbed_tables,
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
    message:
        "Keeping the features that readings agree on"
    script:
        "../scripts/radiomics/feature_reproducibility.py"


PERTURBATIONS = config["radiomics"]["perturbations"]
MOVEMENT = ("contour_mm", "correlation_mm", "volume_fraction", "translation_mm")

if PERTURBATIONS["patients"]:

    rule perturb_patient:
        input:
            resampled=f"{RESULTS}/resampled/{{patient}}",
            panel=config["radiomics"]["panel"],
        output:
            features=f"{RESULTS}/radiomics/perturbed/{{patient}}.tsv.gz",
        log:
            f"{RESULTS}/logs/perturb_patient/{{patient}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/perturb_patient/{{patient}}.tsv"
        conda:
            "../../envs/radiomics.yaml"
        resources:
            mem_mb=memory_mb(4000),
            runtime=minutes(60),
        params:
            code=code_digest("radiomics/perturb_patient"),
            how=EXTRACTION,
            movement={key: PERTURBATIONS[key] for key in MOVEMENT},
            seed=PERTURBATIONS["seed"],
            repeats=PERTURBATIONS["count"],
        message:
            "Computing the radiomic features of {wildcards.patient} under perturbed masks"
        script:
            "../scripts/radiomics/perturb_patient.py"
