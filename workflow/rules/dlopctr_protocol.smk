# What training rests on, fixed by the training patients: intervals, splits, a small grid.
from taceflow.dlopctr.head.settings import head_settings

HEAD_SETTINGS = head_settings(config["dlopctr"])
TRAINING = {
    "settings": HEAD_SETTINGS,
    "seed": config["dlopctr"]["seed"],
    "device": config["dlopctr"]["device"],
}


rule time_intervals:
    input:
        patients=cohort_for("dlopctr"),
    output:
        breaks=f"{RESULTS}/dlopctr/breaks.json",
    log:
        f"{RESULTS}/logs/time_intervals/time_intervals.log",
    benchmark:
        f"{RESULTS}/benchmarks/time_intervals/time_intervals.tsv"
    priority: LONGEST_WAY
    conda:
        "../../envs/dlopctr.yaml"
    params:
        code=code_digest("dlopctr/time_intervals"),
        intervals=config["dlopctr"]["intervals"],
        horizon_months=config["dlopctr"]["horizon_months"],
    message:
        "Choosing the time intervals of the network"
    script:
        "../scripts/dlopctr/time_intervals.py"


rule dlopctr_splits:
    input:
        patients=cohort_for("dlopctr"),
    output:
        splits=f"{RESULTS}/dlopctr/splits.tsv",
    log:
        f"{RESULTS}/logs/dlopctr_splits/dlopctr_splits.log",
    benchmark:
        f"{RESULTS}/benchmarks/dlopctr_splits/dlopctr_splits.tsv"
    priority: LONGEST_WAY
    conda:
        "../../envs/dlopctr.yaml"
    params:
        code=code_digest("dlopctr/dlopctr_splits"),
        folds=config["dlopctr"]["folds"],
        tuning_fraction=config["dlopctr"]["tuning_fraction"],
        seed=config["dlopctr"]["seed"],
    message:
        "Drawing folds and tuning patients"
    script:
        "../scripts/dlopctr/dlopctr_splits.py"


rule pre_experiment:
    input:
        patients=PATIENTS,
        embeddings=rules.collect_embeddings.output.embeddings,
        breaks=rules.time_intervals.output.breaks,
        splits=rules.dlopctr_splits.output.splits,
    output:
        table=f"{RESULTS}/dlopctr/pre_experiment.tsv",
    log:
        f"{RESULTS}/logs/pre_experiment/pre_experiment.log",
    benchmark:
        f"{RESULTS}/benchmarks/pre_experiment/pre_experiment.tsv"
    conda:
        "../../envs/dlopctr.yaml"
    threads: 2
    resources:
        mem_mb=memory_mb(1500 + IMAGES // 6),
        runtime=minutes(30),
        gpu=GPUS,
    params:
        code=code_digest("dlopctr/pre_experiment"),
        training=TRAINING | {"settings": HEAD_SETTINGS | {"seeds": 1}},
        grid=config["dlopctr"]["pre_experiment"],
    message:
        "Comparing hyper-parameters on training slices"
    script:
        "../scripts/dlopctr/pre_experiment.py"
