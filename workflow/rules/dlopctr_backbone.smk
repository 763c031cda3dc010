# The weights of the frozen convolutions, where the run brings them in itself.


rule dlopctr_backbone:
    input:
        local_file=targets.backbone_file(config),
    output:
        weights=CONVOLUTIONS["weights"],
        description=CONVOLUTIONS["description"],
    log:
        f"{RESULTS}/logs/dlopctr_backbone/dlopctr_backbone.log",
    benchmark:
        f"{RESULTS}/benchmarks/dlopctr_backbone/dlopctr_backbone.tsv"
    conda:
        "../../envs/dlopctr.yaml"
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(30),
    params:
        code=code_digest("dlopctr/dlopctr_backbone"),
        backbone=config["dlopctr"]["backbone"],
        sha256=config["dlopctr"]["backbone_sha256"],
        seed=config["dlopctr"]["embedding_seed"],
        expected=STUDY.convolutions_sha256,
    message:
        "Bringing in the weights of the convolutions"
    script:
        "../scripts/dlopctr/dlopctr_backbone.py"
