# From 1 mm volumes to features.
EXTRACTION = {
    "tumors": config["imaging"]["tumors"],
    "minimum_roi_voxels": config["imaging"]["minimum_roi_voxels"],
    "scale": config["radiomics"]["scale"],
}


rule extract_features:
    input:
        resampled=f"{RESULTS}/resampled/{{patient}}",
        panel=config["radiomics"]["panel"],
    output:
        features=f"{RESULTS}/radiomics/patients/{{patient}}.tsv.gz",
    log:
        f"{RESULTS}/logs/extract_features/{{patient}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/extract_features/{{patient}}.tsv"
    conda:
        "../../envs/radiomics.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code_digest("radiomics/extract_features"),
        how=EXTRACTION,
    message:
        "Computing the radiomic features of {wildcards.patient}"
    script:
        "../scripts/radiomics/extract_features.py"


rule collect_features:
    input:
        tables=read_patients,
        panel=config["radiomics"]["panel"],
    output:
        features=f"{RESULTS}/radiomics/{{reading}}.parquet",
    log:
        f"{RESULTS}/logs/collect_features/{{reading}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/collect_features/{{reading}}.tsv"
    conda:
        "../../envs/radiomics.yaml"
    resources:
        mem_mb=2000,
    params:
        code=code_digest("radiomics/collect_features"),
    message:
        "Gathering the features of {wildcards.reading}"
    script:
        "../scripts/radiomics/collect_features.py"
