# DLOP-CTR and DLOP-Combin: the heads, and what they predict.


# The pre-experiment's table, where the configuration leaves a choice to it.
GRID_TABLE = (
    f"{RESULTS}/dlopctr/pre_experiment.tsv" if "pre_experiment" in HEAD_SETTINGS.values() else []
)


rule train_head:
    input:
        patients=PATIENTS,
        embeddings=rules.collect_embeddings.output.embeddings,
        backbone=CONVOLUTIONS["description"],
        breaks=rules.time_intervals.output.breaks,
        splits=rules.dlopctr_splits.output.splits,
        pre_experiment=GRID_TABLE,
    output:
        model=f"{RESULTS}/dlopctr/model.safetensors",
        description=f"{RESULTS}/dlopctr/model.json",
        history=f"{RESULTS}/dlopctr/history.tsv",
    log:
        f"{RESULTS}/logs/train_head/train_head.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_head/train_head.tsv"
    priority: LONGEST_WAY
    conda:
        "../../envs/dlopctr.yaml"
    threads: 2
    resources:
        mem_mb=memory_mb(1500 + IMAGES // 6),
        runtime=minutes(60),
        gpu=GPUS,
    params:
        code=code_digest("dlopctr/train_head"),
        training=TRAINING,
    message:
        "Training the head of DLOP-CTR"
    script:
        "../scripts/dlopctr/train_head.py"


rule predict_dlopctr:
    input:
        patients=PATIENTS,
        embeddings=rules.collect_embeddings.output.embeddings,
        splits=rules.dlopctr_splits.output.splits,
        model=rules.train_head.output.model,
        description=rules.train_head.output.description,
    output:
        predictions=f"{RESULTS}/dlopctr/predictions.tsv",
        by_seed=f"{RESULTS}/dlopctr/predictions_by_seed.tsv",
    log:
        f"{RESULTS}/logs/predict_dlopctr/predict_dlopctr.log",
    benchmark:
        f"{RESULTS}/benchmarks/predict_dlopctr/predict_dlopctr.tsv"
    priority: LONGEST_WAY
    conda:
        "../../envs/dlopctr.yaml"
    resources:
        mem_mb=memory_mb(1500 + IMAGES // 10),
    params:
        code=code_digest("dlopctr/predict_dlopctr"),
    message:
        "Predicting survival with DLOP-CTR"
    script:
        "../scripts/dlopctr/predict_dlopctr.py"


rule train_combin:
    input:
        patients=PATIENTS,
        embeddings=rules.collect_embeddings.output.embeddings,
        backbone=CONVOLUTIONS["description"],
        breaks=rules.time_intervals.output.breaks,
        splits=rules.dlopctr_splits.output.splits,
        pre_experiment=GRID_TABLE,
    output:
        model=f"{RESULTS}/dlopctr/combin.safetensors",
        description=f"{RESULTS}/dlopctr/combin.json",
        history=f"{RESULTS}/dlopctr/combin_history.tsv",
        predictions=f"{RESULTS}/dlopctr/combin.tsv",
        by_seed=f"{RESULTS}/dlopctr/combin_by_seed.tsv",
    log:
        f"{RESULTS}/logs/train_combin/train_combin.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_combin/train_combin.tsv"
    priority: LONGEST_WAY
    conda:
        "../../envs/dlopctr.yaml"
    threads: 2
    resources:
        mem_mb=memory_mb(1500 + IMAGES // 6),
        runtime=minutes(60),
        gpu=GPUS,
    params:
        code=code_digest("dlopctr/train_combin"),
        selection=SELECTION,
        training=TRAINING,
    message:
        "Training DLOP-Combin"
    script:
        "../scripts/dlopctr/train_combin.py"
