# What the network looks at: maps of a few patients.


rule dlopctr_attention:
    input:
        predictions=rules.predict_dlopctr.output.predictions,
        groups=f"{RESULTS}/survival/predictions.tsv",
        patches=made_of("patch"),
        resampled=made_of("resample"),
        weights=CONVOLUTIONS["weights"],
        backbone=CONVOLUTIONS["description"],
        model=rules.train_head.output.model,
        description=rules.train_head.output.description,
    output:
        table=f"{RESULTS}/dlopctr/attention.tsv",
        maps=f"{RESULTS}/dlopctr/attention.npz",
    log:
        f"{RESULTS}/logs/dlopctr_attention/dlopctr_attention.log",
    benchmark:
        f"{RESULTS}/benchmarks/dlopctr_attention/dlopctr_attention.tsv"
    conda:
        "../../envs/dlopctr.yaml"
    threads: 2
    resources:
        mem_mb=memory_mb(2500),
        runtime=minutes(20),
        gpu=GPUS,
    params:
        code=code_digest("dlopctr/dlopctr_attention"),
        computing=COMPUTING,
        sampling=SAMPLING,
        patches=JOBS.each("patch", included),
        resampled=JOBS.each("resample", included),
    message:
        "Finding out what the network looks at"
    script:
        "../scripts/dlopctr/dlopctr_attention.py"
