# From 1 mm volumes to features.
EXTRACTION = {
    "tumors": config["imaging"]["tumors"],
    "minimum_roi_voxels": config["imaging"]["minimum_roi_voxels"],
    "scale": config["radiomics"]["scale"],
}


rule extract_features:
    input:
        resampled=JOBS.ledger("resample"),
        drawn=DRAWN,
        panel=config["radiomics"]["panel"],
    output:
        made=JOBS.ledger("extract_features"),
    log:
        f"{RESULTS}/logs/extract_features/{{bucket}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/extract_features/{{bucket}}.tsv"
    priority: 1
    conda:
        "../../envs/radiomics.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=BUCKET_MINUTES,
    params:
        code=code_digest("radiomics/extract_features"),
        job=JOBS.told("extract_features", included, reads="resample"),
        how=EXTRACTION,
    message:
        "Computing radiomic features, patients of bucket {wildcards.bucket}"
    script:
        "../scripts/radiomics/extract_features.py"


rule collect_features:
    input:
        made=made_of("extract_features"),
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
        mem_mb=memory_mb(2000),
    params:
        code=code_digest("radiomics/collect_features"),
        tables=read_patients,
    message:
        "Gathering the features of {wildcards.reading}"
    script:
        "../scripts/radiomics/collect_features.py"
