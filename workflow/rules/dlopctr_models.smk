# DLOP-CTR and DLOP-Combin: the heads, and what they predict.


rule train_head:
    input:
        patients=f"{RESULTS}/cohort/patients.tsv",
        embeddings=f"{RESULTS}/dlopctr/embeddings.parquet",
        breaks=f"{RESULTS}/dlopctr/breaks.json",
        splits=f"{RESULTS}/dlopctr/splits.tsv",
    output:
        model=f"{RESULTS}/dlopctr/model.safetensors",
        description=f"{RESULTS}/dlopctr/model.json",
        history=f"{RESULTS}/dlopctr/history.tsv",
    log:
        f"{RESULTS}/logs/train_head/train_head.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_head/train_head.tsv"
    conda:
        "../../envs/deep.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code_digest("train_head"),
        settings=HEAD_SETTINGS,
        seed=config["dlopctr"]["seed"],
    message:
        "Training the head of DLOP-CTR"
    script:
        "../scripts/train_head.py"


rule predict_dlopctr:
    input:
        patients=f"{RESULTS}/cohort/patients.tsv",
        embeddings=f"{RESULTS}/dlopctr/embeddings.parquet",
        splits=f"{RESULTS}/dlopctr/splits.tsv",
        model=f"{RESULTS}/dlopctr/model.safetensors",
        description=f"{RESULTS}/dlopctr/model.json",
    output:
        predictions=f"{RESULTS}/dlopctr/predictions.tsv",
    log:
        f"{RESULTS}/logs/predict_dlopctr/predict_dlopctr.log",
    benchmark:
        f"{RESULTS}/benchmarks/predict_dlopctr/predict_dlopctr.tsv"
    conda:
        "../../envs/deep.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        code=code_digest("predict_dlopctr"),
    message:
        "Predicting survival with DLOP-CTR"
    script:
        "../scripts/predict_dlopctr.py"


rule train_combin:
    input:
        patients=f"{RESULTS}/cohort/patients.tsv",
        embeddings=f"{RESULTS}/dlopctr/embeddings.parquet",
        breaks=f"{RESULTS}/dlopctr/breaks.json",
        splits=f"{RESULTS}/dlopctr/splits.tsv",
        clinical_variables=f"{RESULTS}/models/clinical_variables.json",
    output:
        model=f"{RESULTS}/dlopctr/combin.safetensors",
        description=f"{RESULTS}/dlopctr/combin.json",
        history=f"{RESULTS}/dlopctr/combin_history.tsv",
        predictions=f"{RESULTS}/dlopctr/combin.tsv",
    log:
        f"{RESULTS}/logs/train_combin/train_combin.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_combin/train_combin.tsv"
    conda:
        "../../envs/deep.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code_digest("train_combin"),
        horizons_months=config["survival"]["horizons_months"],
        settings=HEAD_SETTINGS,
        seed=config["dlopctr"]["seed"],
    message:
        "Training DLOP-Combin"
    script:
        "../scripts/train_combin.py"
