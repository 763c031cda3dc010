# With dlopctr.unfreeze: layer4 alone: the last stage of the convolutions, tuned for each fit.


rule stage_inputs:
    input:
        patches=bucket_patches,
        weights=rules.dlopctr_backbone.output.weights,
        description=rules.dlopctr_backbone.output.description,
    output:
        maps=f"{RESULTS}/dlopctr/stage_inputs/{{bucket}}.safetensors",
    log:
        f"{RESULTS}/logs/stage_inputs/{{bucket}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/stage_inputs/{{bucket}}.tsv"
    conda:
        "../../envs/dlopctr.yaml"
    threads: 2
    resources:
        mem_mb=3000 + 3 * IMAGES // config["dlopctr"]["embedding_buckets"],
        runtime=120,
        gpu=GPUS,
    params:
        code=code_digest("dlopctr/stage_inputs"),
        slices=config["dlopctr"]["slices"],
        views=VIEWS,
        seed=config["dlopctr"]["embedding_seed"],
        margin_mm=config["patch"]["margin_mm"],
        device=config["dlopctr"]["device"],
        precision=config["dlopctr"]["precision"],
    message:
        "Keeping what goes into the last stage, bucket {wildcards.bucket}"
    script:
        "../scripts/dlopctr/stage_inputs.py"


rule fine_tune:
    input:
        patients=PATIENTS,
        splits=rules.dlopctr_splits.output.splits,
        breaks=rules.time_intervals.output.breaks,
        maps=of_buckets("dlopctr/stage_inputs/{bucket}.safetensors"),
        weights=rules.dlopctr_backbone.output.weights,
        pre_experiment=GRID_TABLE,
    output:
        layer4=f"{RESULTS}/dlopctr/tuned/{{fit,final|fold[1-9][0-9]*}}.safetensors",
        description=f"{RESULTS}/dlopctr/tuned/{{fit}}.json",
        embeddings=f"{RESULTS}/dlopctr/tuned/{{fit}}.parquet",
    log:
        f"{RESULTS}/logs/fine_tune/{{fit}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/fine_tune/{{fit}}.tsv"
    conda:
        "../../envs/dlopctr.yaml"
    threads: 2
    resources:
        mem_mb=4000 + IMAGES,
        runtime=720,
        gpu=GPUS,
    params:
        code=code_digest("dlopctr/fine_tune"),
        # one head learns beside the stage, whatever the number of seeds
        settings=HEAD_SETTINGS | {"seeds": 1},
        layer4_learning_rate=config["dlopctr"]["layer4_learning_rate"],
        seed=config["dlopctr"]["seed"],
        device=config["dlopctr"]["device"],
    message:
        "Tuning the last stage of the network, fit {wildcards.fit}"
    script:
        "../scripts/dlopctr/fine_tune.py"
